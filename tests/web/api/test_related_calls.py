"""GET /api/calls/{id}/related: a queue, its agent and a restarted meeting, on both databases."""

import pytest

from tests.archive.records import a_call_between, a_media, an_identity, guid, kept, save
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.browser_client import signed_in
from tests.web.pages.html_text import section, words

pytestmark = pytest.mark.anyio

ADA = an_identity(id=guid(0xADA))
BEA = an_identity(id=guid(0xBEA), displayName="Bea", userPrincipalName="bea@contoso.com")
CUSTOMER = {"id": "+41225550146", "displayName": None, "tenantId": None}
URL = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_NjA@thread.v2/0"


def a_call(number, agent, start, end, **changes):
    at = {"startDateTime": f"2026-03-02T09:{start}Z", "endDateTime": f"2026-03-02T09:{end}Z"}
    return a_call_between(CUSTOMER, agent, a_media(), **at) | {"id": guid(number)} | changes


FIRST = a_call(0x51, ADA, "00:00", "02:00")
TRANSFERRED = a_call(0x52, BEA, "02:05", "09:00")
LATER = a_call(0x53, BEA, "40:00", "41:00")
MEETINGS = [
    a_call(number, ADA, *at, joinWebUrl=URL) for number, at in ((0x54, ("50:00", "51:00")), (0x55, ("53:00", "54:00")))
]


async def related(client, record):
    answer = await client.get(f"/api/calls/{record['id']}/related")
    assert answer.status_code == 200, answer.text
    return [(one["id"], one["basis"], one["confidence"], one["gap_seconds"]) for one in answer.json()["items"]]


async def test_calls_of_one_chain_name_each_other(api, database):
    for record in (FIRST, TRANSFERRED, LATER, *MEETINGS):
        await save(database, record)
    assert await related(api, FIRST) == [(TRANSFERRED["id"], "transfer", "medium", 5)]
    assert await related(api, TRANSFERRED) == [(FIRST["id"], "transfer", "medium", 5)]
    assert await related(api, LATER) == []
    assert await related(api, MEETINGS[1]) == [(MEETINGS[0]["id"], "restarted_meeting", "high", 120)]


async def test_the_page_of_a_call_names_each_related_call_once_with_its_people_and_weekday(app, database):
    for record in (FIRST, TRANSFERRED, LATER, *MEETINGS):
        await save(database, kept(record, tenant=TENANT))
    async with signed_in(app) as browser:
        chain = section((await browser.get(f"/calls/{FIRST['id']}")).text, "related")
        meeting = (await browser.get(f"/calls/{MEETINGS[1]['id']}")).text
    assert "Mon 2026-03-02" in words(chain)
    assert "with Bea" in words(chain)
    assert meeting.count(f"/calls/{MEETINGS[0]['id']}") == 1
    assert "Mon 2026-03-02" in words(section(meeting, "meeting"))


async def test_calls_of_another_tenant_are_not_related(app, database):
    await save(database, FIRST)
    await save(database, kept(TRANSFERRED, tenant=OTHER))
    async with calling(app, key=await a_key(database, "reports", "read", TENANT)) as reports:
        assert await related(reports, FIRST) == []
        assert (await reports.get(f"/api/calls/{TRANSFERRED['id']}/related")).status_code == 404
