"""GET /api/calls/{id}/diagnosis: who was affected, why, and what to do, on both databases."""

import pytest

from app.archive.diagnosis.as_json import person
from app.archive.diagnosis.diagnose import diagnose
from app.archive.queries import stored_calls
from tests.archive.diagnosis.calls import LOSS, WIFI_24, a_call, fail, rate
from tests.archive.diagnosis.detail import diagnosed
from tests.archive.records import guid, kept, save
from tests.web.application import OTHER, TENANT, calling
from tests.web.auth.guarded import a_key

pytestmark = pytest.mark.anyio

CALLS = {
    "weak Wi-Fi": a_call(id=guid(0xD1), ada=WIFI_24, to_ada=LOSS, video=True, segments=2),
    "a lost connection": fail(a_call(id=guid(0xD2), meeting=True, sessions=2), "midcall"),
    "a bad rating": rate(a_call(id=guid(0xD3)), "bad", Echo=True),
}


@pytest.mark.parametrize("case", CALLS)
async def test_it_is_the_same_from_the_database_and_from_the_record(api, database, case):
    record = CALLS[case]
    await save(database, record)
    answer = (await api.get(f"/api/calls/{record['id']}/diagnosis")).json()
    async with database.reading() as db:
        entire = await stored_calls.call(db, record["id"])
    assert (answer["id"], answer["tenant_id"], answer["version"]) == (record["id"], TENANT, 1)
    words = [(one["name"], one["cause"], one["measured"], one["sentence"]) for one in answer["people"]]
    for found in (diagnosed(record), diagnose(entire)):
        assert [(p["name"], p["cause"], p["measured"], p["sentence"]) for p in map(person, found)] == words
    assert words


async def test_a_good_call_has_no_one_affected(api, database):
    await save(database, a_call(id=guid(0xD4)))
    assert (await api.get(f"/api/calls/{guid(0xD4)}/diagnosis")).json()["people"] == []


async def test_a_call_of_another_tenant_is_not_found(app, database):
    record = CALLS["weak Wi-Fi"]
    await save(database, kept(record, tenant=OTHER))
    async with calling(app, key=await a_key(database, "reports", "read", TENANT)) as reports:
        assert (await reports.get(f"/api/calls/{record['id']}/diagnosis")).status_code == 404


async def test_it_is_recorded_in_the_audit(api, database):
    record = CALLS["weak Wi-Fi"]
    await save(database, record)
    await api.get(f"/api/calls/{record['id']}/diagnosis")
    newest = (await api.get("/api/audit")).json()["items"]
    assert ("/api/calls/{call_id}/diagnosis", record["id"]) in [(one["route"], one["call_id"]) for one in newest]
