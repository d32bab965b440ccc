"""A worker's machine whose clock is wrong: what it stores of the future is by the clock of the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.archive.parse.record import RecordBuilder
from app.db import now
from app.fetch.failures import Failures
from app.fetch.pace import Pace
from app.fetch.refusals import Refusals
from app.fetch.saver import Fetched, Saver
from app.graph.errors import Throttled, Unavailable
from app.inbox import queue, tenant_state
from app.inbox.model import inbox
from app.inbox.queue import Notice
from app.inbox.tenant_state import tenants
from app.settings.units import Rate
from app.simulator.records import a_call_record

pytestmark = pytest.mark.anyio
TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"
ME = "worker-of-this-test"
LEASE = timedelta(minutes=2)
DOWN = Unavailable("503")


@pytest.fixture(params=[10, -10], ids=["ahead", "behind"])
async def claim(request, database, time_machine):
    """The claim of one row, in a process whose clock is wrong by that many minutes."""
    call_id = a_call_record()["id"]
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [Notice(TENANT, call_id)], datetime.now(UTC))
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=request.param))
    async with database.begin() as db:
        [claim] = await queue.claim(db, ME, [TENANT], 1, LEASE)
    return claim


async def save_once(_claim, transaction):
    await transaction()


async def is_within(database, column, least, most):
    """Whether the only value of the column is between these times from now, by the clock of the database."""
    async with database.reading() as db:
        return await db.scalar(select(column.between(now(least), now(most))))


async def test_throttling_throttles_the_other_workers_as_long_as_graph_asked(database, claim):
    pace = Pace(Rate(1000, 1.0))
    pace.throttle(60)
    error = Throttled("429")
    error.retry_after = 60.0
    await Failures(database, ME, {TENANT: pace}, save_once, Refusals({})).settle(claim, error)
    assert await is_within(database, tenants.c.held_until, timedelta(), timedelta(seconds=60))
    assert await is_within(database, inbox.c.due_at, timedelta(), timedelta(seconds=72))


async def test_a_retry_and_a_second_look_come_in_time(database, claim):
    await Failures(database, ME, {TENANT: Pace(Rate(1000, 1.0))}, save_once, Refusals({})).settle(
        replace(claim, attempts=5), DOWN
    )
    assert await is_within(database, inbox.c.due_at, timedelta(seconds=30), timedelta(seconds=72))
    async with database.begin() as db:
        await db.execute(update(inbox).values(due_at=now()))
        [again] = await queue.claim(db, ME, [TENANT], 1, LEASE)
    builder = RecordBuilder(TENANT, claim.call_id)
    builder.begin(a_call_record(id=claim.call_id))
    builder.mark_incomplete("no sessions")
    await Saver(database, ME).save([Fetched(replace(again, attempts=1), builder.finish(datetime.now(UTC)))])
    assert await is_within(database, inbox.c.due_at, timedelta(minutes=4), timedelta(minutes=6))
