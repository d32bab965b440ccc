"""What stands below one record, page by page: sessions, segments, participants."""

import pytest

from tests.archive.records import CALL, a_call_record, a_participant, a_segment, a_session, guid, save
from tests.web.graph_api.graph import RECORDS, everything, ok, refused

pytestmark = pytest.mark.anyio

URL = f"{RECORDS}/{CALL}"
HERE = "https://we.example/v1.0/$metadata#communications/callRecords"


def without_segments(session):
    return {name: value for name, value in session.items() if name != "segments"}


async def test_sessions_come_in_pages_of_sixty(database, api):
    sessions = [a_session() for _ in range(130)]
    await save(database, a_call_record(sessions=sessions))
    items, pages = await everything(api, f"{URL}/sessions")
    assert items == [without_segments(session) for session in sessions]
    assert pages == 3
    assert (await ok(api, f"{URL}/sessions")).json()["@odata.context"] == f"{HERE}('{CALL}')/sessions"


async def test_participants_come_in_pages_of_130(database, api):
    people = [a_participant() for _ in range(300)]
    await save(database, a_call_record(participants_v2=people))
    items, pages = await everything(api, f"{URL}/participants_v2")
    assert items == people
    assert pages == 3


async def test_sessions_come_with_segments_on_every_page(database, api):
    sessions = [a_session() for _ in range(5)]
    await save(database, a_call_record(sessions=sessions))
    first = (await ok(api, f"{URL}/sessions?$expand=segments&$top=2")).json()
    assert first["@odata.context"] == f"{HERE}('{CALL}')/sessions(segments())"
    items, pages = await everything(api, first["@odata.nextLink"])
    assert first["value"] + items == sessions
    assert pages == 2


async def test_what_is_expanded_goes_on_as_it_was_asked_for(database, api):
    sessions = [a_session() for _ in range(5)]
    await save(database, a_call_record(sessions=sessions))
    url = f"{URL}?$expand=sessions($select=id;$expand=segments($select=id))"
    body = (await ok(api, url, headers={"Prefer": "odata.maxpagesize=2"})).json()
    items, pages = await everything(api, body["sessions@odata.nextLink"])
    wanted = [{"id": s["id"], "segments": [{"id": s["segments"][0]["id"]}]} for s in sessions]
    assert body["sessions"] + items == wanted
    assert pages == 2


async def test_pages_stay_those_of_one_version(database, api):
    before, after = [a_session() for _ in range(4)], [a_session() for _ in range(4)]
    await save(database, a_call_record(sessions=before))
    first = (await ok(api, f"{URL}/sessions?$expand=segments&$top=2")).json()
    await save(database, a_call_record(version=2, sessions=after))
    items, _ = await everything(api, first["@odata.nextLink"])
    assert first["value"] + items == before
    assert (await everything(api, f"{URL}/sessions?$expand=segments"))[0] == after


async def test_a_session_whose_id_comes_twice_is_listed_twice(database, api):
    twin = guid()
    sessions = [a_session(id=twin), a_session(id=twin, modalities=["video"])]
    await save(database, a_call_record(sessions=sessions))
    assert (await ok(api, f"{URL}/sessions?$expand=segments")).json()["value"] == sessions
    assert (await ok(api, f"{URL}/sessions/{twin}?$expand=segments")).json()["modalities"] == ["audio"]
    segments = (await ok(api, f"{URL}/sessions/{twin}/segments")).json()["value"]
    assert segments == [segment for session in sessions for segment in session["segments"]]


async def test_segments_come_in_pages_too(database, api):
    session = a_session(segments=[a_segment() for _ in range(70)])
    await save(database, a_call_record(sessions=[session]))
    items, pages = await everything(api, f"{URL}/sessions/{session['id']}/segments")
    assert items == session["segments"]
    assert pages == 2


async def test_parts_are_counted(database, api):
    await save(database, a_call_record(sessions=[a_session() for _ in range(3)]))
    assert (await ok(api, f"{URL}/sessions/$count")).text == "3"
    assert (await ok(api, f"{URL}/participants_v2/$count")).text == "2"
    assert (await ok(api, f"{URL}/sessions?$count=true&$top=1")).json()["@odata.count"] == 3


async def test_one_part_is_found_by_its_id(database, api):
    record = a_call_record()
    await save(database, record)
    session, person = record["sessions"][0], record["participants_v2"][1]
    found = (await ok(api, f"{URL}/sessions/{session['id']}")).json()
    assert {name: value for name, value in found.items() if name != "@odata.context"} == without_segments(session)
    assert (await ok(api, f"{URL}/participants_v2/{person['id']}?$select=id")).json()["id"] == person["id"]


async def test_a_part_that_is_not_there_is_not_found(database, api, subtests):
    for path in ["sessions/none", "sessions/none/segments", "participants_v2/none"]:
        with subtests.test(path=path):
            await save(database, a_call_record())
            await refused(api, f"{URL}/{path}", 404)


async def test_a_record_without_lists_has_empty_ones(database, api):
    record = a_call_record()
    await save(database, {name: value for name, value in record.items() if name not in ("sessions", "participants_v2")})
    for path in ("sessions", "participants_v2"):
        assert (await ok(api, f"{URL}/{path}")).json()["value"] == []
    assert "sessions" not in (await ok(api, f"{URL}?$expand=sessions,participants_v2")).json()
