"""A database of any age comes up to the newest schema with everything in it, and everything finds it there."""

import pytest
from sqlalchemy import func, select

from app.archive.schema.tables import CHILDREN, call_people, call_records, documents, people
from app.db import schema_version
from app.inbox.model import inbox
from app.inbox.tenant_state import tenants
from app.observability.metrics import Metrics
from tests.archive.records import TENANT
from tests.archive.retention.archived_calls import DOE, UPN
from tests.upgrades.old import JOHNS, NEWEST, OTHERS, REVISIONS, WAITING
from tests.web.application import KEY, calling, opened

pytestmark = pytest.mark.anyio
FIRST = REVISIONS[0]
STARTS = sorted({FIRST, *REVISIONS[-2::-3]})  # of three neighbours one: every step is made from several of them
FILLED_LATER = {"endpoint_sites", "site_people", "voice_app_steps"}  # by deriving the calls again


@pytest.fixture
async def api(old):
    """Today's program over a database of the first one's."""
    await old.at(FIRST)
    await schema_version.migrate(old.database)
    async with opened(old.database, Metrics()) as app, calling(app, key=KEY) as client:
        yield client


async def counted(database, *tables):
    async with database.reading() as db:
        return {table.name: await db.scalar(select(func.count()).select_from(table)) for table in tables}


@pytest.mark.parametrize("revision", STARTS)
async def test_every_row_of_an_old_database_is_there_at_the_newest_schema(old, revision):
    await old.at(revision)
    children = (table for table in CHILDREN if table.name not in FILLED_LATER)
    kept = (call_records, documents, *children, inbox, tenants)
    before = await counted(old.database, *kept)
    await schema_version.migrate(old.database)
    assert await schema_version.current(old.database) == NEWEST
    assert await counted(old.database, *kept) == before
    assert min(before.values()) > 0
    index_of_people = await counted(old.database, people, call_people)
    assert min(index_of_people.values()) > 0


async def listed(api, **asked):
    answer = await api.get("/api/calls", params=asked)
    assert answer.status_code == 200, answer.text
    return {item["id"] for item in answer.json()["items"]}


async def test_calls_of_the_first_program_are_found_by_every_filter(api):
    assert await listed(api) == {JOHNS, OTHERS}
    assert await listed(api, participant=DOE) == {JOHNS}
    assert await listed(api, participant=UPN) == {JOHNS}
    assert await listed(api, participant="john d") == {JOHNS}
    assert await listed(api, organizer=DOE) == {JOHNS}
    assert await listed(api, tenant=TENANT) == {JOHNS, OTHERS}
    assert await listed(api, participant="nobody") == set()


async def test_they_are_read_whole(api):
    call = (await api.get(f"/api/calls/{JOHNS}")).json()
    record = (await api.get(f"/api/calls/{JOHNS}/record")).json()
    assert (call["version"], len(call["sessions"]), len(call["participants"])) == (2, 2, 2)
    assert (record["id"], record["version"], len(record["sessions"])) == (JOHNS, 2, 2)


async def test_they_are_read_in_graphs_own_shape(api):
    one = await api.get(f"/v1.0/communications/callRecords/{JOHNS}", params={"$expand": "sessions"})
    asked = {"$filter": f"participants_v2/any(p:p/id eq '{DOE}')"}
    some = await api.get("/v1.0/communications/callRecords", params=asked)
    assert len(one.json()["sessions"]) == 2
    assert [record["id"] for record in some.json()["value"]] == [JOHNS]


@pytest.mark.parametrize("by", ["platform", "product_family"])
async def test_statistics_know_what_they_were_held_with(api, by):
    answer = await api.get(
        "/api/stats", params={"by": by, "from": "2026-01-01T00:00:00Z", "to": "2026-12-31T00:00:00Z"}
    )
    assert answer.status_code == 200, answer.text
    assert any(word in answer.text for word in ("windows", "teams"))


async def test_the_inbox_lists_its_rows_in_the_states_they_had(api):
    rows = (await api.get("/api/inbox")).json()["items"]
    states = {row["id"]: row["state"] for row in rows}
    assert states == {call_id: {"claimed": "due"}.get(state, state) for state, call_id in WAITING.items()}
