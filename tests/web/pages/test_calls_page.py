"""/calls and /calls.csv: a search form like the API's filters, pages without a gap, and the same calls as CSV."""

import csv
import re
from io import StringIO

import pytest

from app.access import audit, keys
from app.web.pages.calls import page as pages
from app.web.pages.calls.columns import COLUMNS, IN_FILES, USUAL, chosen
from tests.archive.records import (
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_service_endpoint,
    a_session,
    a_stream,
    an_endpoint,
    an_identity,
    guid,
    kept,
    save,
)
from tests.web.application import OTHER, TENANT
from tests.web.auth.guarded import NOW, a_key
from tests.web.pages.browser_client import redirect_of, signed_in
from tests.web.pages.html_text import words

pytestmark = pytest.mark.anyio

HOSTILE = "\"><script>alert(1)</script>\u202e\U0001f600'" + "x" * 300
SHOWN = re.compile(r'<tr data-call="([^"]+)"')


def a_call(minute=0, **changes):
    start, end = (f"2026-02-01T{hour:02}:{minute:02}:00Z" for hour in (9, 10))
    return a_call_record(id=guid(), startDateTime=start, endDateTime=end) | changes


def organized_by(name, **identity):
    return a_participant(identity={"user": an_identity(displayName=name, **identity)})


@pytest.fixture
async def browser(app):
    async with signed_in(app) as browser:
        yield browser


async def shown(browser, **query):
    answer = await browser.get("/calls", params=query)
    assert answer.status_code == 200, answer.text
    return SHOWN.findall(answer.text)


async def filed(browser, **query):
    answer = await browser.get("/calls.csv", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.text.startswith("\ufeff")  # Excel reads UTF-8 only with it
    return list(csv.DictReader(StringIO(answer.text[1:])))


FORMS = [
    ({"q": "ada"}, {"participant": "ada"}),
    ({"q": "ada@contoso.com"}, {"participant": "ada@contoso.com"}),
    ({"q": "+49301234567"}, {"participant": "+49301234567"}),
    ({"organizer": "Grace"}, {"organizer": "Grace"}),
    ({"quality": "good", "failed": "false"}, {"quality": "good", "failed": "false"}),
    ({"type": "groupCall"}, {"type": "groupCall"}),
    ({"from": "2026-02-01", "to": "2026-02-01"}, {"from": "2026-02-01", "to": "2026-02-02"}),
    ({"from": "2026-02-01T09:05"}, {"from": "2026-02-01T09:05:00Z"}),
    ({"min_duration": "1h"}, {"min_duration": "3600"}),
    ({"modality": "video"}, {"modality": "video"}),
    ({"wifi_band": "frequency24GHz"}, {"wifi_band": "frequency24GHz"}),
    ({"quality": ""}, {}),
]


async def test_the_form_finds_what_the_api_finds(browser, api, database, subtests):
    phone = a_participant(identity={"phone": {"id": "+49301234567"}})
    await save(
        database,
        a_call(0),
        a_call(5, type="groupCall", modalities=["audio", "video"], organizer_v2=organized_by("Grace")),
        a_call(9, participants_v2=[phone], sessions=[]),
    )
    for form, api_query in FORMS:
        with subtests.test(form=form, api_query=api_query):
            found = [item["id"] for item in (await api.get("/api/calls", params=api_query)).json()["items"]]
            assert await shown(browser, **form) == found
            assert [row["id"] for row in await filed(browser, **form)] == found


async def test_a_complete_call_id_redirects_to_the_call(browser, database, subtests):
    for written in ["{}", " {} ", "{{{}}}"]:
        with subtests.test(written=written):
            record = a_call()
            await save(database, record)
            answer = await browser.get("/calls", params={"q": written.format(record["id"].upper())})
            assert redirect_of(answer) == f"/calls/{record['id']}"


async def test_an_id_that_is_no_call_is_searched_as_a_participant(browser, database):
    ada = guid()
    record = a_call(participants_v2=[a_participant(id=ada, identity={"user": an_identity(id=ada)})])
    await save(database, record)
    assert await shown(browser, q=ada) == [record["id"]]


async def test_pages_neither_skip_nor_repeat_calls_while_calls_arrive(browser, database, monkeypatch):
    monkeypatch.setattr(pages, "LIMIT", 2)
    old = [a_call(minute) for minute in range(5)]
    await save(database, *old)
    found, path = [], "/calls"
    while path:
        page = (await browser.get(path)).text
        found += SHOWN.findall(page)
        await save(database, a_call(30 + len(found)))
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link[1].replace("&amp;", "&") if link else None
    assert found == [record["id"] for record in reversed(old)]


async def test_a_csv_of_many_pages_has_every_call_once(browser, database, monkeypatch):
    monkeypatch.setattr(pages, "FILE_PAGE", 3)
    await save(database, *(a_call(minute) for minute in range(8)))
    rows = await filed(browser)
    assert [row["id"] for row in rows] == await shown(browser)
    assert list(rows[0]) == list(IN_FILES)
    assert rows[0]["start"] == "2026-02-01T09:07:00Z"
    assert (rows[0]["duration_seconds"], rows[0]["modalities"], rows[0]["failed"]) == ("3600.0", "audio", "false")


async def test_the_audit_says_how_many_calls_left_in_a_csv_file(browser, database, monkeypatch):
    monkeypatch.setattr(pages, "FILE_PAGE", 3)
    await save(database, *(a_call(minute) for minute in range(8)))
    await filed(browser)
    async with database.reading() as db:
        newest = (await audit.read(db))[0]
    assert (newest["route"], newest["status"], newest["answered"]) == ("/calls.csv", 200, 8)


async def test_a_csv_file_breaks_off_when_the_key_is_revoked_meanwhile(app, database, monkeypatch):
    monkeypatch.setattr(pages, "FILE_PAGE", 1)
    await save(database, *(a_call(minute) for minute in range(3)))
    async with signed_in(app, await a_key(database, "reports")) as browser:
        really = pages.stored_calls.calls

        async def then_revoked(*args, **more):
            async with database.begin() as db:
                await keys.revoke(db, "reports", NOW)
            return await really(*args, **more)

        monkeypatch.setattr(pages.stored_calls, "calls", then_revoked)
        assert (await browser.get("/calls.csv")).text.count("\r\n") == 2  # the header and one call
    async with database.reading() as db:
        assert (await audit.read(db))[0]["answered"] == 1


async def test_no_csv_cell_is_a_formula(browser, database):
    await save(database, a_call(organizer_v2=organized_by('=HYPERLINK("https://evil.example","x")')))
    (row,) = await filed(browser)
    assert not row["organizer"].startswith(("=", "+", "-", "@"))


async def test_neither_list_nor_csv_nor_id_shows_calls_of_another_tenant(app, database):
    theirs = a_call()
    await save(database, kept(theirs, tenant=OTHER))
    async with signed_in(app, await a_key(database, "reports", "read", TENANT)) as browser:
        assert await shown(browser) == await filed(browser) == []
        assert await shown(browser, q=theirs["id"]) == []
    async with signed_in(app) as browser:
        assert await shown(browser, tenant=OTHER) == [theirs["id"]]


INVALID = [
    ({"from": "yesterday"}, "not a valid time"),
    ({"quality": "lovely"}, "must be one of good, poor, unknown"),
    ({"min_duration": "long"}, "long"),
    ({"to": "9999-12-31"}, "date out of range"),
]


async def test_an_invalid_value_is_explained_beside_its_field(browser, subtests):
    for query, said in INVALID:
        with subtests.test(query=query, said=said):
            answer = await browser.get("/calls", params=query)
            assert answer.status_code == 422
            (name,) = query
            assert said in re.search(rf'id="{name}-problem"[^>]*>([^<]*)<', answer.text)[1]
            assert (await browser.get("/calls.csv", params=query)).status_code == 422


async def test_a_cursor_of_another_search_is_refused(browser, database, monkeypatch):
    monkeypatch.setattr(pages, "LIMIT", 1)
    await save(database, a_call(1), a_call(2))
    cursor = re.search(r"cursor=([^&\"]+)", (await browser.get("/calls")).text)[1]
    answer = await browser.get(f"/calls?quality=poor&cursor={cursor}")
    assert answer.status_code == 422
    assert "Start again at /calls" in answer.text


async def test_hostile_names_and_searches_are_text(browser, database):
    await save(database, a_call(organizer_v2=organized_by(HOSTILE)))
    for answer in [await browser.get("/calls"), await browser.get("/calls", params={"q": HOSTILE[:150]})]:
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text


async def test_chosen_columns_are_shown_on_every_page(browser, database, monkeypatch):
    monkeypatch.setattr(pages, "LIMIT", 1)
    await save(database, a_call(1), a_call(2))
    page = (await browser.get("/calls?column=id&column=start&column=nonsense")).text
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)<', page)
    assert heads == [COLUMNS["start"].head, COLUMNS["id"].head]
    assert "&amp;column=id&amp;column=start" in re.search(r'rel="next" href="([^"]+)"', page)[1]


def test_without_a_known_column_the_usual_ones_are_shown():
    assert chosen([]) == chosen(["nonsense"]) == USUAL
    assert chosen(["version", "start"]) == ("start", "version")


async def test_without_a_call_it_says_what_to_do(browser):
    assert "No calls match. Remove a filter or widen the dates." in (await browser.get("/calls?q=nobody")).text


async def test_a_poor_meeting_says_how_many_of_its_people_were_affected(database, browser):
    legs = [
        a_session(id=guid(), caller=end, callee=a_service_endpoint(), segments=[a_segment(caller=end, media=[media])])
        for number, values in enumerate(({"averagePacketLossRate": 0.5}, {}, {}))
        for end in [an_endpoint(associatedIdentity=an_identity(id=guid(0xA0 + number)))]
        for media in [a_media(streams=[a_stream(**values)])]
    ]
    meeting = a_call(sessions=legs, participants_v2=[], organizer_v2=None, organizer=None, participants=[])
    await save(database, meeting, a_call(1))
    html = (await browser.get("/calls")).text
    assert "poor 1 of 3 people" in words(html)
    assert words(html).count(" of 3 people") == 1
    (row,) = [row for row in await filed(browser) if row["id"] == meeting["id"]]
    assert row["people_affected"] == "1"
