"""The first program's database under today's program, started and asked as a person would: with its commands."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.archive.schema.tables import participants
from app.db import schema_version
from app.simulator.records import a_call_record
from tests.archive.retention.archived_calls import DOE, NAME, UPN, everything, found_in
from tests.upgrades.old import JOHNS, OTHERS, REVISIONS, WAITING
from tests.upgrades.page import blocks

pytestmark = pytest.mark.anyio
FIRST = REVISIONS[0]
[MIGRATE] = blocks("upgrades.md", __file__)


@pytest.fixture
async def upgraded(old, world, run, empty_url):
    """Its database, brought up by `callkeeper migrate`."""
    await old.at(FIRST, world.tenant_id)
    await run(MIGRATE, database_url=empty_url)
    return old.database


async def everything_goes_on(world, service):
    """What was waiting is fetched, what was kept is read, what failed still waits for a person."""
    await service.holds([JOHNS, OTHERS, WAITING["due"], WAITING["claimed"]])
    assert NAME in (await service.record(JOHNS)).decode()
    assert {row["id"]: row["state"] for row in await service.inbox()} == {
        WAITING["failed"]: "failed",
        WAITING["expired"]: "expired",
    }
    await world.subscriptions.first.wait()
    new = world.put(a_call_record(seed=7)).id
    await service.holds([new])


async def test_a_migrated_database_is_served_and_collected_into(upgraded, world, serve, empty_url):
    put_what_waits(world)
    await everything_goes_on(world, await serve(database_url=empty_url))


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
async def test_a_sqlite_file_of_the_first_program_needs_nothing_but_a_start(old, world, serve, empty_url):
    await old.at(FIRST, world.tenant_id)
    put_what_waits(world)
    service = await serve(database_url=empty_url)
    assert await schema_version.current(old.database) == schema_version.newest()
    await everything_goes_on(world, service)


def put_what_waits(world):
    for state in ("due", "claimed"):
        young = datetime.now(UTC) - timedelta(hours=1)
        world.put(a_call_record(id=WAITING[state], start=young), notify=False)


async def test_an_export_has_what_the_first_program_kept(upgraded, run, empty_url, tmp_path):
    await run("callkeeper export --format ndjson --out out", database_url=empty_url)
    lines = [line for file in (tmp_path / "out").rglob("*.ndjson*") for line in file.read_text().splitlines()]
    assert {json.loads(line)["call_id"] for line in lines if "call_id" in line} == {JOHNS, OTHERS}
    assert any(DOE in line for line in lines)


async def test_an_erasure_reaches_what_the_first_program_kept(upgraded, run, empty_url):
    assert UPN in found_in(await everything(upgraded))
    await run(f"callkeeper erase {DOE}", database_url=empty_url)
    assert found_in(await everything(upgraded)) == []
    async with upgraded.reading() as db:
        assert len((await db.execute(select(participants))).all()) == 4  # he is nobody now, and still took part
