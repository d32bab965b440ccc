"""/people?q=: people first, then calls; and what the rows of calls say of who was in them."""

import pytest

from app.archive.people import search
from tests.archive.records import (
    a_call_between,
    a_call_record,
    a_media,
    a_participant,
    a_stream,
    an_identity,
    guid,
    kept,
    save,
)
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key
from tests.web.pages.html_text import rows, words

pytestmark = pytest.mark.anyio

ADA = an_identity(id=guid(0xADA1), displayName="Ada Ashgrove", userPrincipalName="ada.a@contoso.example")
NAMESAKE = an_identity(id=guid(0xADA2), displayName="Ada Ashgrove", userPrincipalName="ada.b@contoso.example")
NAMES = {"Ada Ashgrove", "Bea Birkwood"}
BEA = an_identity(id=guid(0xBEA), displayName="Bea Birkwood", userPrincipalName="bea@contoso.example")


def organized_by(identity):
    return a_participant(id=identity["id"], identity={"user": identity})


def between(caller, callee, day, *, poor=False):
    media = a_media(streams=[a_stream(averageJitter="PT0.2S" if poor else "PT0.01S", packetUtilization=5000)])
    times = {"startDateTime": f"2026-02-0{day}T10:00:00Z", "endDateTime": f"2026-02-0{day}T10:09:00Z"}
    record = a_call_between(caller, callee, media, **times)
    return record | {"organizer_v2": organized_by(caller), "participants_v2": [organized_by(callee)]}


def a_meeting(organizer, *others):
    people = [*others, *(an_identity(id=guid(), displayName=f"Guest {number}") for number in range(40))]
    times = {"startDateTime": "2026-02-06T10:00:00Z", "endDateTime": "2026-02-06T11:00:00Z"}
    members = {"participants_v2": [organized_by(one) for one in people], "organizer_v2": organized_by(organizer)}
    return a_call_record(id=guid(), type="groupCall", sessions=[], **members, **times)


async def people_shown(api, q):
    html = (await api.get("/people", params={"q": q})).text
    return [cells for cells, _ in rows(html) if len(cells) == 7 and cells[0] in NAMES], html


async def test_namesakes_are_apart_and_are_found_by_words_in_any_order(api, database):
    await save(database, between(ADA, BEA, 2, poor=True), between(NAMESAKE, BEA, 3), between(ADA, BEA, 4))
    for asked in ("ashgrove, ada", "Ada A", "ada.", "ADA.A@contoso.example"):
        found, html = await people_shown(api, asked)
        assert [cells[0] for cells in found] == ["Ada Ashgrove"] * (1 if "@" in asked else 2), asked
    found, html = await people_shown(api, "ada ashgrove")
    assert [(cells[1][:5], cells[4]) for cells in found] == [("ada.a", "2"), ("ada.b", "1")]
    assert f"/people/{ADA['id']}" in html
    assert f"/people/{NAMESAKE['id']}" in html
    assert found[1][6] == "none"


async def test_who_may_not_see_a_tenant_finds_none_of_its_people(app, database):
    await save(database, kept(between(ADA, BEA, 2), tenant=TENANT))
    async with calling(app, key=await a_key(database, "theirs", "read", OTHER)) as client:
        answer = await client.get("/people", params={"q": "ada"})
    assert "No person matches" in words(answer.text)
    assert "Ashgrove" not in answer.text


async def test_the_id_of_a_call_and_a_join_url_lead_to_their_calls(api, database):
    record = between(ADA, BEA, 2)
    await save(database, record)
    answer = await api.get("/people", params={"q": record["id"]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/calls/{record['id']}")
    join = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0"
    assert (await api.get("/people", params={"q": join})).headers["location"].startswith("/calls?q=https")


async def test_where_many_match_the_newest_calls_are_looked_at_first(api, database, monkeypatch):
    await save(database, *(between(ADA, BEA, day) for day in (1, 2)), between(NAMESAKE, BEA, 5))
    usual = (await api.get("/api/people", params={"q": "a", "limit": 2})).json()
    monkeypatch.setattr(search, "BROAD", 1)
    for calls in [(1, 3), (1, 1)]:
        monkeypatch.setattr(search, "NEWEST", calls)
        assert (await api.get("/api/people", params={"q": "a", "limit": 2})).json() == usual
    assert usual["more"] is True


async def with_of(api, **query):
    """The cells With of the list of calls, by organizer."""
    html = (await api.get("/calls", params=query)).text
    return {cells[4]: cells[5] for cells, links in rows(html) if links}


async def test_a_row_names_the_counterpart_or_how_many_there_are(api, database):
    await save(database, between(ADA, BEA, 2), a_meeting(NAMESAKE | {"displayName": "Cleo"}, BEA))
    assert (await with_of(api))["Ada Ashgrove"] == "with Bea Birkwood"
    named = (await with_of(api))["Cleo"]
    assert named.startswith("with ")
    assert named.endswith(" and 40 others")
    assert "Sun" not in (html := (await api.get("/calls")).text)
    assert "Mon" in words(html)  # 2026-02-02


async def test_a_row_says_who_of_the_search_took_part_without_having_organized(api, database):
    await save(database, between(BEA, ADA, 2), a_meeting(NAMESAKE | {"displayName": "Cleo"}, BEA))
    assert await with_of(api, q="bea") == {
        "Bea Birkwood": "with Ada Ashgrove",
        "Cleo": "with Bea Birkwood and 40 others took part",
    }


async def test_a_file_names_others_and_the_reasons(api, database):
    await save(database, between(ADA, BEA, 2, poor=True))
    head, row = (await api.get("/calls.csv")).text.removeprefix("\ufeff").split("\r\n")[:2]
    values = dict(zip(head.split(","), row.split(","), strict=True))
    assert (values["with"], values["people"], values["poor_due_to"]) == ('"Bea Birkwood"', '"Bea Birkwood"', '"jitter"')
