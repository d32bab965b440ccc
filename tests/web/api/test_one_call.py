"""GET /api/calls/{id}: a call with all its rows, and the document exactly as Graph gave it."""

import orjson
import pytest

from tests.archive.records import CALL, a_call_record, a_session, kept, save
from tests.web.application import OTHER, STRANGER, TENANT

pytestmark = pytest.mark.anyio


async def test_a_call_comes_with_everything_below_it(api, database):
    await save(database, a_call_record(sessions=[a_session(), a_session()]))
    answer = await api.get(f"/api/calls/{CALL}")
    call = answer.json()
    assert (answer.status_code, call["id"], call["tenant_id"], call["version"]) == (200, CALL, TENANT, 1)
    assert [len(call[part]) for part in ("participants", "sessions")] == [2, 2]
    (stream,) = call["sessions"][0]["segments"][0]["media"][0]["streams"]
    assert (stream["average_round_trip_time"], stream["stream_direction"]) == (0.05, "callerToCallee")
    assert call["start"] == "2026-02-25T18:52:21.216988+00:00"


async def test_its_id_may_be_written_in_several_ways(api, database):
    call_id = "abcdef00-0000-4000-8000-000000000001"
    await save(database, a_call_record(id=call_id))
    for written in (call_id.upper(), f"{{{call_id}}}", call_id.replace("-", "")):
        for path in (written, f"{written}/record"):
            assert (await api.get(f"/api/calls/{path}")).json()["id"] == call_id


async def test_the_document_is_byte_for_byte_what_graph_gave(api, database):
    record = a_call_record(somethingNew={"deep": [1.10, "çağrü", None]})
    await save(database, kept(record))
    answer = await api.get(f"/api/calls/{CALL}/record")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == orjson.dumps(record)


async def test_of_two_tenants_with_one_id_the_one_asked_for_is_given(api, database):
    await save(database, *(kept(a_call_record(joinWebUrl=tenant), tenant=tenant) for tenant in (TENANT, OTHER)))
    for tenant in (TENANT, OTHER):
        assert (await api.get(f"/api/calls/{CALL}?tenant={tenant}")).json()["tenant_id"] == tenant
        assert (await api.get(f"/api/calls/{CALL}/record?tenant={tenant}")).json()["joinWebUrl"] == tenant
    assert (await api.get(f"/api/calls/{CALL}?tenant={STRANGER}")).status_code == 404


async def test_an_unknown_call_is_a_404_that_says_where_to_look(api, subtests):
    for path in ["", "/record", "/diagnosis"]:
        for call_id in [CALL, "x", "%20", "..", "a%2Fb", "'", "%F0%9F%93%9E", "9" * 2_000]:
            with subtests.test(path=path, call_id=call_id):
                answer = await api.get(f"/api/calls/{call_id}{path}")
                assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_an_id_that_no_database_can_hold_is_the_callers_mistake(api):
    for path in ("", "/record", "/diagnosis"):
        answer = await api.get(f"/api/calls/a%00b{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
