"""On PostgreSQL two transactions that lock the same rows in another order end each other: the inbox is locked in
the order of its keys, and before the tenants' row.
"""

from datetime import UTC, datetime, timedelta

import anyio
import pytest
from sqlalchemy import text

from app.archive.parse.record import RecordBuilder
from app.fetch.failures import Failures
from app.fetch.pace import Pace
from app.fetch.refusals import Refusals
from app.fetch.saver import Fetched, Saver
from app.graph.errors import Throttled
from app.inbox import queue, rows, tenant_state
from app.inbox.queue import Notice
from app.settings.units import Rate
from app.simulator.records import a_call_record
from tests.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]

TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"
FIRST, SECOND = f"{'1' * 8}-0000-4000-8000-000000000000", f"{'2' * 8}-0000-4000-8000-000000000000"
ME = "worker-of-this-test"


def now():
    return datetime.now(UTC)


async def claimed(database):
    """Both calls, the second one nearer its deadline."""
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [Notice(TENANT, FIRST), Notice(TENANT, SECOND, now() + timedelta(days=1))], now())
        return await queue.claim(db, ME, [TENANT], 10, timedelta(minutes=2))


async def begun(tasks, database, work, *arguments):
    """Runs beside us; when this returns, it waits for a row."""
    tasks.start_soon(work, *arguments)

    async def waits():
        async with database.reading() as db:
            return await db.scalar(
                text("SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL")
            )

    await until(waits)


async def test_a_batch_that_is_stored_and_one_that_is_noticed_do_not_wait_for_each_other(database):
    batch = [Fetched(claim, built(claim.call_id)) for claim in await claimed(database)]
    assert [kept.claim.call_id for kept in batch] == [SECOND, FIRST]
    async with anyio.create_task_group() as tasks, database.begin() as door:
        await queue.put(door, [Notice(TENANT, FIRST)], now())
        await begun(tasks, database, Saver(database, ME).save, batch)
        await queue.put(door, [Notice(TENANT, SECOND)], now())
    async with database.reading() as db:
        assert {row.notices for row in await rows.rows(db)} == {2}


def built(call_id):
    builder = RecordBuilder(TENANT, call_id)
    builder.begin(a_call_record(id=call_id))
    return builder.finish(now())


async def save_once(_claim, transaction):
    await transaction()


async def test_a_hold_that_is_shared_and_a_notification_do_not_wait_for_each_other(database):
    claim, _ = await claimed(database)
    pace = Pace(Rate(1000, 1.0))
    pace.throttle(60)
    failures = Failures(database, ME, {TENANT: pace}, save_once, Refusals({}))
    async with anyio.create_task_group() as tasks, database.begin() as door:
        await queue.put(door, [Notice(TENANT, claim.call_id)], now())
        await begun(tasks, database, failures.settle, claim, Throttled("wait"))
        await tenant_state.mark(door, TENANT, notified_at=now())
    async with database.reading() as db:
        row = next(row for row in await rows.rows(db) if row.call_id == claim.call_id)
        tenant = await tenant_state.find(db, TENANT)
    assert (row.notices, row.claimed_by) == (2, None)
    assert tenant.held_until > now()
    assert tenant.notified_at is not None
