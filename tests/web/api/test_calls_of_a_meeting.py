"""Every call of a meeting is found by its join URL: by the API, the search box and the page of one of them."""

import re
from urllib.parse import quote

import pytest
from sqlalchemy import update

from app.archive.schema.tables import call_records
from app.archive.upgrade.derive import Derive
from tests.archive.parse.test_join_urls import LOWER, PLAIN, SHORT
from tests.archive.records import a_call_record, guid, kept, save
from tests.web.application import OTHER, TENANT
from tests.web.auth.guarded import a_key, caller
from tests.web.pages.browser_client import signed_in
from tests.web.pages.html_text import section

pytestmark = pytest.mark.anyio

FIRST, SECOND, THEIRS = guid(1), guid(2), guid(3)


@pytest.fixture
async def meeting(database):
    """Two calls of one meeting, one of another, and one without a URL."""
    await save(
        database,
        a_call_record(id=FIRST, joinWebUrl=LOWER, startDateTime="2026-02-01T09:00:00Z"),
        a_call_record(id=SECOND, joinWebUrl=PLAIN, startDateTime="2026-02-01T10:00:00Z"),
        a_call_record(id=guid(4), joinWebUrl=SHORT),
        a_call_record(id=guid(5), joinWebUrl=None),
        a_call_record(id=guid(6), joinWebUrl=""),
    )
    await save(database, kept(a_call_record(id=THEIRS, joinWebUrl=LOWER), tenant=OTHER))


async def found(client, **query):
    answer = await client.get("/api/calls", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_the_api_finds_them_by_any_form(api, meeting, subtests):
    for url in [LOWER, PLAIN, LOWER.replace("%3a", "%3A"), quote(LOWER, safe="")]:
        with subtests.test(url=url):
            assert await found(api, join_url=url, tenant=TENANT) == [SECOND, FIRST]


async def test_the_search_box_finds_them(app, meeting, subtests):
    for url in [LOWER, PLAIN, f" {PLAIN} "]:
        with subtests.test(url=url):
            async with signed_in(app) as browser:
                page = (await browser.get("/calls", params={"q": url, "tenant": TENANT})).text
            assert re.findall(r'data-call="([^"]*)"', page) == [SECOND, FIRST]


async def test_the_page_of_a_call_links_to_the_others(app, database, meeting):
    async with signed_in(app, await a_key(database, "reports", "read", TENANT)) as browser:
        page = (await browser.get(f"/calls/{FIRST}")).text
        alone = (await browser.get(f"/calls/{guid(4)}")).text
        without = (await browser.get(f"/calls/{guid(5)}")).text
    others = section(page, "meeting")
    assert re.findall(r'href="[^"]*/calls/([0-9a-f-]{36})"', others) == [SECOND]
    assert "Other calls of this meeting" not in alone + without


async def test_pages_of_a_meeting_follow_each_other(api, meeting):
    page = (
        await api.get("/api/calls", params={"join_url": LOWER, "limit": 1, "order": "start", "tenant": TENANT})
    ).json()
    following = {"join_url": LOWER, "limit": 1, "order": "start", "tenant": TENANT, "cursor": page["next_cursor"]}
    assert [page["items"][0]["id"], *await found(api, **following)] == [FIRST, SECOND]


async def test_a_url_of_no_call_finds_none_and_an_empty_one_is_refused(api, meeting):
    assert await found(api, join_url="https://teams.microsoft.com/meet/1") == []
    for empty in ("", " "):
        assert (await api.get("/api/calls", params={"join_url": empty})).status_code == 422


async def test_a_caller_finds_the_calls_of_its_tenant(app, database, meeting):
    async with caller(app, database, "reports", "read", OTHER) as client:
        assert await found(client, join_url=PLAIN) == [THEIRS]


async def test_calls_that_are_archived_already_get_their_key_in_the_background(api, database, meeting):
    async with database.begin() as db:
        await db.execute(update(call_records).values(join_url_key=None, derivation=None))
    assert await found(api, join_url=PLAIN, tenant=TENANT) == []
    await Derive(database, holder="test").once()
    assert await found(api, join_url=PLAIN, tenant=TENANT) == [SECOND, FIRST]


async def test_a_newer_version_may_have_another_url(api, database, meeting):
    await save(database, a_call_record(id=SECOND, version=2, joinWebUrl=SHORT))
    assert await found(api, join_url=LOWER, tenant=TENANT) == [FIRST]
