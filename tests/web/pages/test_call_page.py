"""/calls/{id}: lanes, causes, sessions, versions and document, with any number of participants."""

import gzip
import re

import pytest

from app.archive.queries import call_outline
from tests.archive.records import (
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_session,
    a_stream,
    an_endpoint,
    an_identity,
    guid,
    kept,
    save,
)
from tests.web.application import OTHER, TENANT
from tests.web.auth.guarded import a_key
from tests.web.pages.browser_client import post_form, signed_in
from tests.web.pages.html_text import words

pytestmark = pytest.mark.anyio

HOSTILE = "\"><script>alert(1)</script>\u202e\U0001f600'" + "x" * 300
POOR = [a_segment(media=[a_media(streams=[a_stream(averageJitter="PT0.071S")])])]
LANE = re.compile(r'<li class="lane" data-name="([^"]*)"')


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


def a_meeting(people=3, poor=(), **changes):
    """Person 0, person 1…, each with one session."""
    ids = [guid() for _ in range(people)]
    identities = [an_identity(id=one, displayName=f"Person {place}") for place, one in enumerate(ids)]
    return (
        a_call_record(
            id=guid(),
            type="groupCall",
            organizer_v2=a_participant(id=ids[0], identity={"user": identities[0]}),
            participants_v2=[a_participant(id=each["id"], identity={"user": each}) for each in identities],
            sessions=[
                a_session(caller=an_endpoint(associatedIdentity=each), **({"segments": POOR} if place in poor else {}))
                for place, each in enumerate(identities)
            ],
        )
        | changes
    )


async def page_of(browser, record, **query):
    answer = await browser.get(f"/calls/{record['id']}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def people_on(page):
    return [name.split("  ")[0].strip().removesuffix(" ada@contoso.com") for name in LANE.findall(page)]


async def test_poor_participants_come_first_and_can_be_shown_alone(browser, database):
    record = a_meeting(4, poor={2})
    await save(database, record)
    assert people_on(await page_of(browser, record))[0] == "person 2"
    assert people_on(await page_of(browser, record, show="poor")) == ["person 2"]


async def test_causes_failures_and_feedback_are_shown(browser, database):
    feedback = {"rating": "bad", "text": "It crackled", "tokens": {}}
    rated = a_session(caller=an_endpoint(feedback=feedback), segments=POOR)
    record = a_meeting(sessions=[rated, a_session(failureInfo={"stage": "midcall", "reason": "Gone"})])
    await save(database, record)
    page = await page_of(browser, record)
    assert "Poor due to audio jitter" in page
    assert "It crackled" in page
    assert re.search(r'<span title="midcall">Call failed mid-call</span></strong>: <bdi>Gone', page)


async def test_much_feedback_is_folded(browser, database):
    sessions = [
        a_session(caller=an_endpoint(feedback={"rating": "bad", "text": f"No {number}"}, associatedIdentity=one))
        for number, one in enumerate(an_identity(displayName=f"Caller {n}") for n in range(8))
    ]
    record = a_meeting(sessions=sessions)
    await save(database, record)
    assert "3 more ratings and comments" in await page_of(browser, record)


async def test_a_session_is_shown_on_the_page_and_as_a_fragment(browser, database):
    record = a_meeting(2, poor={1})
    await save(database, record)
    part = (await browser.get(f"/calls/{record['id']}/sessions/1")).text
    assert part.strip() in await page_of(browser, record, session="1")
    assert "good ≤ 30 ms" in part
    assert "<html" not in part


async def test_an_unknown_session_is_not_shown(browser, database, subtests):
    record = a_meeting()
    await save(database, record)
    for position in ["7", "x", "-1", "9" * 30]:
        with subtests.test(position=position):
            assert 'id="session-head"' not in await page_of(browser, record, session=position)
            assert (await browser.get(f"/calls/{record['id']}/sessions/{position}")).status_code in {404, 422}


async def test_every_version_can_be_downloaded_as_graph_sent_it(browser, database):
    record = a_meeting()
    await save(database, record)
    await save(database, record | {"version": 2, "type": "peerToPeer"})
    links = re.findall(r'href="(/api/calls/[^"]+version=\d+)"', await page_of(browser, record))
    documents = [(await browser.get(link)).json() for link in links]
    assert [(one["version"], one["type"]) for one in documents] == [(2, "peerToPeer"), (1, "groupCall")]
    assert (await browser.get(f"/api/calls/{record['id']}/record?version=3")).status_code == 404


@pytest.mark.parametrize("query", [{}, {"session": "0"}])
async def test_a_call_page_has_a_sign_out_button(browser, database, query):
    record = a_meeting()
    await save(database, record)
    page = await page_of(browser, record, **query)
    assert 'action="/sign-out"' in page
    assert ('id="session-head"' in page) == bool(query)


async def test_head_and_session_are_of_one_version(browser, database, monkeypatch):
    """A later version that is stored between the two reads of one request shows in neither."""
    record = a_meeting(sessions=[a_session(caller=an_endpoint(name="PC-OF-VERSION-1"))])
    await save(database, record)
    read_outline = call_outline.outline

    async def then_another_version_arrives(*arguments):
        found = await read_outline(*arguments)
        await save(
            database, record | {"version": 2, "sessions": [a_session(caller=an_endpoint(name="PC-OF-VERSION-2"))]}
        )
        return found

    monkeypatch.setattr(call_outline, "outline", then_another_version_arrives)
    page = await page_of(browser, record, session="0")
    assert "PC-OF-VERSION-1" in page
    assert "PC-OF-VERSION-2" not in page


async def test_400_participants_are_folded_and_the_page_stays_small(browser, database):
    record = a_meeting(400, poor={7, 300})
    await save(database, record)
    answer = await browser.get(f"/calls/{record['id']}", headers={"Accept-Encoding": "gzip"})
    assert len(gzip.compress(answer.content, 5)) < 60_000
    assert answer.text.index("With poor streams") < answer.text.index("Person 300") < answer.text.index("Good <span")
    assert "poor for 2 of 400 people" in words(answer.text)
    assert "Showing 50 of 398." in words(answer.text)
    assert len(people_on(answer.text)) == 52
    assert len(people_on(await page_of(browser, record, lanes="400"))) == 400
    found = await page_of(browser, record, find="person 77")
    assert people_on(found) == ["person 77"]
    assert "All participants (1) Poor or failed (0)" in words(found)


async def test_a_zoomed_timeline_shows_only_connected_participants(browser, database):
    late = a_session(startDateTime="2026-02-25T18:52:40Z", endDateTime="2026-02-25T18:52:46Z", segments=[])
    record = a_meeting(2)
    record["sessions"][1] |= {name: late[name] for name in ("startDateTime", "endDateTime", "segments")}
    await save(database, record)
    assert people_on(await page_of(browser, record, zoom_from="0:00", zoom_to="0:10")) == ["person 0"]
    assert "No participant was connected" not in await page_of(browser, record, zoom_from="nonsense", zoom_to="")


async def test_hostile_texts_are_escaped_everywhere(browser, database):
    named = an_identity(displayName=HOSTILE, userPrincipalName=HOSTILE)
    end = an_endpoint(associatedIdentity=named, name=HOSTILE, feedback={"rating": HOSTILE, "text": HOSTILE})
    failure = {"stage": HOSTILE, "reason": HOSTILE}
    media = a_media(label=HOSTILE, streams=[a_stream(audioCodec=HOSTILE, streamDirection=HOSTILE)])
    session = a_session(caller=end, callee=end, failureInfo=failure, segments=[a_segment(media=[media])])
    party = a_participant(identity={"user": named})
    record = a_meeting(sessions=[session], organizer_v2=party, participants_v2=[party], type=HOSTILE)
    await save(database, record)
    page = await page_of(browser, record, session="0")
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") > 10


async def test_without_sessions_every_participant_is_listed(browser, database):
    record = a_meeting(3)
    await save(database, kept(record | {"sessions": []}, incomplete="no sessions yet"))
    page = await page_of(browser, record)
    assert people_on(page) == ["person 0", "person 1", "person 2"]
    assert "This record is incomplete" in page


async def test_a_call_of_another_tenant_is_not_found(app, database):
    record = a_meeting()
    await save(database, kept(record, tenant=OTHER))
    async with signed_in(app, await a_key(database, "reports", "read", TENANT)) as browser:
        for path in (f"/calls/{record['id']}", f"/calls/{record['id']}/sessions/0"):
            assert (await browser.get(path)).status_code == 404


async def test_only_an_administrator_can_fetch_a_call_again(app, browser, database, api):
    record = a_meeting()
    await save(database, record)
    path = f"/calls/{record['id']}/refetch"
    async with signed_in(app, await a_key(database, "reports", "read")) as reader:
        assert path not in await page_of(reader, record)
        assert (await post_form(reader, path, tenant=TENANT)).status_code == 403
    assert (await post_form(browser, path, tenant=TENANT)).status_code == 303
    assert [row["id"] for row in (await api.get("/api/inbox")).json()["items"]] == [record["id"]]
