"""A key for one site: whatever becomes of another site's calls, it is answered the same, by every route."""

import re
from datetime import UTC, datetime

import pytest

from app.access import keys
from app.archive.call_logs import store
from app.archive.parse.call_logs.row import parsed
from app.archive.sites import imports
from app.archive.sites.files import building_file
from app.archive.sites.site_map import Period
from app.telephony.joins.job import JoinLogRows
from tests.archive.records import a_call_record as a_record
from tests.archive.records import a_media, a_participant, a_segment, a_session, an_endpoint, an_identity, kept, save
from tests.some import some
from tests.web.application import TENANT, calling
from tests.web.auth.guarded import NOBODYS, NOW, OURS, ROUTES, THEIRS, content_of, filled
from tests.web.auth.test_other_tenants import questions
from tests.web.pages.browser_client import signed_in

pytestmark = pytest.mark.anyio

FILE = b"""10.20.4.0,AAR-2,24,AAR-2,,,,,,,,,1,0,0
10.20.5.0,ODE-1,24,ODE-1,,,,,,,,,1,0,0
"""
PAGES = ["/calls", "/calls.csv", f"/calls/{OURS}", f"/calls/{THEIRS}", "/sites", "/people", "/quality", "/audit"]
OPEN = {"/api/calls", "/api/calls/{call_id}", "/api/calls/{call_id}/record", "/api/stats"}


def a_call(call_id, name, subnet):
    person = an_identity(displayName=name, userPrincipalName=f"{name}@contoso.com", id=call_id)
    end = an_endpoint(associatedIdentity=person, feedback={"rating": "bad"})
    media = a_media(
        callerNetwork={"ipAddress": subnet.replace(".0", ".9"), "subnet": subnet, "connectionType": "wired"}
    )
    session = a_session(id=call_id, caller=end, segments=[a_segment(id=call_id, caller=end, media=[media])])
    someone = a_participant(id=call_id, identity={"user": person})
    return a_record(id=call_id, organizer_v2=someone, participants_v2=[someone], sessions=[session])


@pytest.fixture
async def buildings(database):
    async with database.begin() as db:
        await imports.add_buildings(db, building_file.read(FILE).rows, Period(), datetime.now(UTC))


async def a_key(database, *sites, scope="read"):
    async with database.begin() as db:
        return await keys.create(
            db, f"key-{len(sites)}-{max(sites, default='') or None}", scope, None, NOW, sites=sites
        )


async def answers(client):
    asked = [*questions(), *((path, {}) for path in PAGES)]
    return {(path, *query): content_of(await client.get(path, params=query)) for path, query in asked}


async def ours(database):
    await save(database, kept(a_call(OURS, "Adalbert", "10.20.4.0"), tenant=TENANT))


async def test_another_sites_calls_change_no_answer_and_are_answered_to_their_key(app, database, buildings):
    await save(database, kept(a_call(THEIRS, "Brunhild", "10.20.5.0"), tenant=TENANT))
    async with calling(app, key=await a_key(database, "ODE-1")) as client:
        before = await answers(client)
        await ours(database)
        after = await answers(client)
    assert {question: (before[question], after[question]) for question in some(before)} == {
        question: (after[question], after[question]) for question in before
    }
    async with calling(app, key=await a_key(database, "AAR-2", "ODE-1")) as client:  # the test above would notice
        for path in OPEN - {"/api/stats"}:
            assert OURS in (await client.get(filled(path, OURS))).text, path
            assert THEIRS in (await client.get(filled(path, THEIRS))).text, path
        span = {"from": "2026-02-20T00:00:00Z", "to": "2026-03-01T00:00:00Z"}
        assert (await client.get("/api/stats", params=span)).json()["total"]["calls"] == 2


async def test_every_route_is_refused_or_known_to_be_limited(app, database, buildings):
    """An admin's key for a site changes nothing; a route that is new shows nothing until it is listed."""
    await ours(database)
    async with calling(app, key=await a_key(database, "AAR-2", scope="admin")) as client:
        statuses = {
            (method, path): (await client.request(method, filled(path, OURS))).status_code for method, path in ROUTES
        }
    allowed = {route for route, status in statuses.items() if status != 403}
    assert {path for method, path in allowed} >= OPEN
    assert {method for method, _ in allowed} <= {"GET", "HEAD"}
    assert {path for _, path in allowed} <= OPEN | {
        "/api/calls/{call_id}/diagnosis",
        "/api/calls/{call_id}/related",
        "/api/calls/{call_id}/versions",
        "/api/sites",
        "/api/pstn-calls",
        "/api/direct-routing-calls",
    }


async def test_a_key_sees_the_log_rows_of_the_calls_of_its_site(app, database, buildings):
    await ours(database)
    await save(database, kept(a_call(THEIRS, "Brunhild", "10.20.5.0"), tenant=TENANT))
    rows = [
        {
            "id": f"row-{number}",
            "correlationId": call_id,
            "startDateTime": "2026-02-21T09:00:00Z",
            "callType": "ByotOut",
        }
        for number, call_id in enumerate((OURS, THEIRS, NOBODYS))
    ]
    async with database.begin() as db:
        await store.put(db, [parsed(TENANT, "direct_routing", row, NOW) for row in rows], NOW)
    await JoinLogRows(database, holder="test").once()
    for sites, seen in ((("AAR-2",), {OURS}), (("AAR-2", "ODE-1"), {OURS, THEIRS}), (("elsewhere",), set())):
        async with calling(app, key=await a_key(database, *sites)) as client:
            items = (await client.get("/api/direct-routing-calls")).json()["items"]
        assert {item["call_id"] for item in items} == seen, sites


async def test_a_key_without_a_site_that_exists_sees_no_call(app, database, buildings):
    await ours(database)
    for sites in ((), ("",), ("elsewhere",)):
        async with calling(app, key=await a_key(database, *sites)) as client:
            assert (await client.get("/api/calls")).json()["items"] == [], sites
            assert (await client.get(f"/api/calls/{OURS}")).status_code == 404, sites


REFUSED = [
    ("/api/people?q=ada", "/api/calls?participant="),
    ("/people?q=ada", "/calls?q="),
    ("/quality", "/api/stats"),
    ("/quality.csv", "/sites"),
    ("/v1.0/communications/callRecords", "/api/calls"),
    ("/api/status", "complete tenants"),
    ("/api/inbox", "once it is stored"),
    ("/audit", "the audit covers all sites"),
    ("/keys", "changes something"),
]


async def test_a_refusal_says_why_and_what_to_use_instead(app, database, buildings, subtests):
    async with calling(app, key=await a_key(database, "AAR-2", scope="admin")) as client:
        for path, said in REFUSED:
            with subtests.test(path):
                answer = await client.get(path)
                assert (answer.status_code, said in answer.text, "This key is for" in answer.text) == (403, True, True)


async def test_pages_for_a_key_of_a_site_link_to_no_page_that_it_may_not_use(app, database, buildings):
    await ours(database)
    async with signed_in(app, await a_key(database, "AAR-2", scope="admin")) as browser:
        html = (await browser.get(f"/calls/{OURS}")).text
        links = {link for link in re.findall(r'<a [^>]*href="(/[^"]*)"', html) if not link.startswith("/docs")}
        refused = [link for link in some(links) if (await browser.get(link.replace("&amp;", "&"))).status_code == 403]
    assert refused == []
