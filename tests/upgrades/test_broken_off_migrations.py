"""A migration that ends half-way, by an error or by `kill -9`, leaves the old database, and the next one succeeds."""

import asyncio
import multiprocessing
import os
import signal
from itertools import pairwise

import pytest
from sqlalchemy import text

from app.archive.schema.tables import call_records
from app.db import Database, schema_version
from tests.upgrades.old import NEWEST, REVISIONS, columns, migrate_to

pytestmark = pytest.mark.anyio

_fresh = multiprocessing.get_context("spawn")


async def test_a_step_that_fails_leaves_the_database_as_it_was(old, monkeypatch, subtests):
    """test_old_databases.py goes from each revision to the newest."""
    await old.at(REVISIONS[0])
    for revision, following in pairwise(REVISIONS):
        with subtests.test(following=following):
            before = await columns(old.database)
            with monkeypatch.context() as broken:
                broken.setattr(schema_version, "_upgrade", _fail_at_the_end_of(schema_version._upgrade))
                with pytest.raises(RuntimeError):
                    await schema_version.migrate(old.database)
            assert (await schema_version.current(old.database), await columns(old.database)) == (revision, before)
        await migrate_to(old.database, following)
    assert await schema_version.current(old.database) == NEWEST


def _fail_at_the_end_of(upgrade):
    def failing(connection):
        assert upgrade(connection)
        raise RuntimeError

    return failing


async def test_one_that_is_killed_leaves_the_old_database_and_the_next_one_succeeds(old, empty_url):
    await old.at(REVISIONS[0])
    killed = _fresh.Process(target=_migrate_and_die, args=(empty_url,))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert await schema_version.current(old.database) == REVISIONS[0]
    assert set(await columns(old.database)) < {table.name for table in call_records.metadata.sorted_tables} | {
        "alembic_version"
    }
    await schema_version.migrate(old.database)
    assert await schema_version.current(old.database) == NEWEST


def _migrate_and_die(url):
    """When all is written and nothing is committed."""

    def dying(connection):
        upgrade(connection)
        os.kill(os.getpid(), signal.SIGKILL)

    upgrade, schema_version._upgrade = schema_version._upgrade, dying
    asyncio.run(schema_version.migrate(Database.open(url)))


async def test_two_programs_that_migrate_at_once_come_to_one_end(old, run, empty_url):
    await old.at(REVISIONS[0])
    await asyncio.gather(*(run("callkeeper migrate", database_url=empty_url) for _ in range(2)))
    assert await schema_version.current(old.database) == NEWEST


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
async def test_notifications_are_taken_while_calls_are_indexed(old, monkeypatch):
    """What an earlier migration of the same run has locked is free again."""
    await old.at(REVISIONS[0])
    locked = set()

    def looking(connection):
        stepped = upgrade(connection)
        mine = "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'"
        names = set(connection.scalars(text(mine)).all())
        if "call_records" in names:
            locked.update(names)
        return stepped

    upgrade = schema_version._upgrade
    monkeypatch.setattr(schema_version, "_upgrade", looking)
    await schema_version.migrate(old.database)
    assert "call_records" in locked
    assert not locked & {"inbox", "subscriptions", "tenants", "lifecycle_events"}


async def test_each_step_alone_leads_to_the_newest(old):
    await old.at(REVISIONS[0])
    for revision in REVISIONS[1:]:
        await migrate_to(old.database, revision)
        assert await schema_version.current(old.database) == revision
