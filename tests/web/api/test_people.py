"""GET /api/people: people by name, address, number or id, for who may see their calls."""

import pytest

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
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key

pytestmark = pytest.mark.anyio

ADA = an_identity(id=guid(0xADA), displayName="Ada Ashgrove", userPrincipalName="Ada@contoso.example")
NUMBER = "+41225550146"


def a_call(day, *, poor):
    media = a_media(streams=[a_stream(averageJitter="PT0.2S" if poor else "PT0.01S", packetUtilization=5000)])
    caller, callee = an_endpoint(associatedIdentity=ADA), a_service_endpoint(associatedIdentity={"id": NUMBER})
    segment = a_segment(caller=caller, callee=callee, media=[media])
    record = a_call_record(
        id=guid(),
        startDateTime=f"2026-02-0{day}T10:00:00Z",
        organizer_v2=a_participant(id=NUMBER, identity={"phone": {"id": NUMBER, "displayName": "None"}}),
        participants_v2=[],
        sessions=[a_session(caller=caller, callee=callee, segments=[segment])],
    )
    return kept(record, tenant=TENANT)


@pytest.fixture
async def archive(database):
    await save(database, a_call(1, poor=False), a_call(2, poor=True), a_call(3, poor=False))


ONE = {
    "id": ADA["id"],
    "kind": "user",
    "name": "Ada Ashgrove",
    "address": "Ada@contoso.example",
    "number": None,
    "department": None,
    "is_person": True,
    "calls": 3,
    "last_call": "2026-02-03T10:00:00+00:00",
    "last_poor_call": "2026-02-02T10:00:00+00:00",
}


@pytest.mark.parametrize("asked", ["ASHgrove", "ada@contoso.example", ADA["id"], ADA["id"].replace("-", "")])
async def test_a_person_who_is_in_no_list_of_participants_is_found(api, archive, asked):
    answer = (await api.get("/api/people", params={"q": asked})).json()
    assert answer == {"items": [ONE], "more": False}


async def test_a_telephone_is_found_by_its_number(api, archive, subtests):
    for asked in [NUMBER, "0041 22 555 01 46", "+41*"]:
        with subtests.test(asked=asked):
            (found,) = (await api.get("/api/people", params={"q": asked})).json()["items"]
            assert (found["id"], found["kind"], found["name"], found["calls"]) == (NUMBER, "phone", None, 3)


async def test_people_of_calls_that_one_may_not_see_are_not_there(app, database, archive):
    async with calling(app, key=await a_key(database, "theirs", "read", OTHER)) as client:
        assert (await client.get("/api/people", params={"q": "ada"})).json() == {"items": [], "more": False}
    async with calling(app) as client:
        assert (await client.get("/api/people", params={"q": "ada"})).status_code == 401


WRONG = [("", 422), ("q=", 422), ("q=a&limit=0", 422), ("q=a&limit=201", 422), ("q=a&x=1", 400)]


async def test_a_question_that_is_not_understood_is_refused(api, subtests):
    for query, status in WRONG:
        with subtests.test(query=query, status=status):
            assert (await api.get(f"/api/people?{query}")).status_code == status


async def test_no_character_means_anything_but_itself(api, archive):
    for asked in ("%", "_", "'", "None", "x" * 200):
        assert (await api.get("/api/people", params={"q": asked})).json() == {"items": [], "more": False}


async def test_the_call_says_that_more_people_were_seen_than_graph_lists(api, archive):
    (item, *_) = (await api.get("/api/calls")).json()["items"]
    assert (item["participant_count"], item["participants_seen"]) == (0, 2)
    whole = (await api.get(f"/api/calls/{item['id']}")).json()
    assert [(each["id"], each["seen_in"]) for each in whole["people"]] == [
        (NUMBER, ["organizer_v2", "sessions", "segments"]),
        (ADA["id"], ["sessions", "segments"]),
    ]
    html = " ".join((await api.get(f"/calls/{item['id']}")).text.split())
    assert "Graph lists 0 participants" in html
