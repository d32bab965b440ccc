"""Today's program beside tomorrow's: on a database that a migration of the future has already added to."""

import pytest
import sqlalchemy as sa

from app.db import metadata, schema_version
from app.simulator.records import a_call_record
from tests.flow.programs import Fork
from tests.flow.service import environment
from tests.upgrades.old import NEWEST, migrate_to

pytestmark = pytest.mark.anyio


@pytest.fixture
async def newer(empty):
    """One more table, and one more column in each: what the rule allows."""
    await migrate_to(empty, NEWEST)
    async with empty.begin() as db:
        await db.execute(sa.text("CREATE TABLE of_tomorrow (id INTEGER PRIMARY KEY)"))
        for table in metadata.sorted_tables:
            await db.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN of_tomorrow TEXT"))
            await db.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN counted INTEGER DEFAULT 7 NOT NULL"))
        await db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    return empty


async def test_the_service_collects_replaces_and_answers_as_ever(newer, world, serve, empty_url):
    service = await serve(database_url=empty_url)
    await world.subscriptions.first.wait()
    call = world.put(a_call_record(type="groupCall", participants=4)).id
    await service.holds([call])
    world.bump(call)
    await service.holds([call], version=2)
    assert await service.inbox() == []
    assert (await service.http.get("/readyz")).status_code == 200
    for path in ("/api/stats", "/api/status", "/v1.0/communications/callRecords", "/metrics"):
        assert (await service.http.get(path)).status_code == 200, path


COMMANDS = (
    "migrate",
    "keys create tomorrow",
    "export --format ndjson --out out",
    "erase ada@contoso.com",
    "purge --older-than 400d",
)


async def test_commands_work_and_migrate_leaves_it_as_it_is(newer, running, ca_file, empty_url, tmp_path):
    variables = environment(running, ca_file, empty_url, LOG_LEVEL="warning")
    for number, command in enumerate(COMMANDS):
        ended = Fork(command.split(), variables, tmp_path, tmp_path / f"{number}.log")
        assert await ended.ended() == 0, ended.text()
    assert await schema_version.current(newer) == "9999"
