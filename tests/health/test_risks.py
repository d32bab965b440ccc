"""The rows that need a person, as real fetches leave them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from app.fetch import retry
from app.graph.errors import NotFound, Unavailable
from app.health.inbox_risks import risks
from app.inbox import queue, tenant_state
from app.inbox.model import EXPIRED, FAILED, inbox
from app.inbox.queue import Notice
from tests.archive.records import a_call_record, kept, save
from tests.moving import move_time

pytestmark = pytest.mark.anyio

TENANT = "00000000-0000-4000-8000-00000000aaaa"
MINUTE = timedelta(minutes=2)


@pytest.fixture
def row(database):
    """A row in the inbox, tried once with this error."""

    async def row(error=None, *, state=None, days_left=30):
        call_id, now = str(uuid4()), datetime.now(UTC)
        async with database.begin() as db:
            await queue.put(db, [Notice(TENANT, call_id, now + timedelta(days=days_left))], now)
            if error is None:
                return call_id
            (claim,) = await queue.claim(db, "worker", [TENANT], 1, MINUTE)
            if state:
                await queue.give_up(db, "worker", claim, state, retry.explain(error), retry.kind(error))
            else:
                await queue.retry(db, "worker", claim, timedelta(hours=30), retry.explain(error), retry.kind(error))
        return call_id

    return row


async def found(database):
    async with database.reading() as db:
        return (await risks(db)).get(TENANT)


async def test_a_row_tried_for_a_day_is_stuck_and_one_that_graph_does_not_know_is_absent(database, row):
    await row(Unavailable("no"))
    await row(NotFound("no"))
    await row()
    assert await found(database) is None
    await move_time(database, hours=25)
    async with database.reading() as db:
        risk = (await risks(db))[TENANT]
    assert (risk.stuck, risk.absent, risk.ending) == (1, 1, 0)
    assert risk.stuck_since is not None
    assert risk.absent_since is not None


async def test_a_call_that_stays_absent_is_no_risk_near_its_deadline(database, row):
    await row(NotFound("no"), days_left=3)
    assert await found(database) is None
    await row(Unavailable("no"), days_left=3)
    assert (await found(database)).ending == 1


async def test_calls_that_are_absent_count_from_the_last_stored_record_on(database, row):
    await row(NotFound("no"))
    await move_time(database, hours=25)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await tenant_state.mark(db, TENANT, kept_at=datetime.now(UTC))
    assert (await found(database)).absent == 0
    await row(NotFound("no"))
    await move_time(database, hours=25)
    assert (await found(database)).absent == 1


async def test_a_row_whose_attempts_a_person_has_reset_is_not_stuck_before_it_is_tried(database, row):
    await row(Unavailable("no"))
    await move_time(database, hours=25)
    async with database.begin() as db:
        await db.execute(update(inbox).values(attempts=0))
    assert await found(database) is None


async def test_a_record_that_is_kept_incomplete_is_no_risk_whatever_its_row_says(database, row):
    call_id = await row(Unavailable("no"), days_left=3)
    assert (await found(database)).ending == 1
    record = kept(a_call_record(id=call_id, sessions=[]), tenant=TENANT)
    record.row["complete"] = False
    await save(database, record)
    await move_time(database, hours=25)
    assert await found(database) is None


@pytest.mark.parametrize(("days", "reported"), [(5.1, False), (4.9, True), (-1, True)])
async def test_a_row_that_is_due_is_at_risk_five_days_before_its_deadline(database, row, days, reported):
    await row(days_left=days)
    risk = await found(database)
    assert (risk is not None and risk.ending == 1) is reported


@pytest.mark.parametrize(("days", "ending"), [(5.1, 0), (4.9, 1), (-1, 0)])
async def test_a_failed_row_is_at_risk_until_graph_has_deleted_it(database, row, days, ending):
    await row(NotFound("no"), state=FAILED, days_left=days)
    risk = await found(database)
    assert (risk.failed_ending, risk.ending, risk.refused_at is not None) == (ending, 0, True)


async def test_what_has_expired_is_lost_and_no_risk_any_more(database, row):
    await row(NotFound("no"), state=EXPIRED, days_left=0.0001)
    assert await found(database) is None
