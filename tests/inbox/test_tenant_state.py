import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.inbox import tenant_state

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 31, 9, 5, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def known(database):
    await do(database, tenant_state.ensure_rows, ["t"])
    return database


async def do(database, step, *args, **values):
    async with database.begin() as db:
        await step(db, *args, **values)


async def row(database):
    async with database.reading() as db:
        return await tenant_state.find(db, "t")


async def test_a_tenant_that_is_not_known_has_no_row(database):
    assert await row(database) is None


async def test_knowing_a_tenant_twice_keeps_what_its_row_says(known):
    await do(known, tenant_state.mark, "t", notified_at=NOW)
    await do(known, tenant_state.ensure_rows, ["t", "other"])
    assert (await row(known)).notified_at == NOW


async def test_many_processes_may_make_the_rows_at_once(database):
    await asyncio.gather(*(do(database, tenant_state.ensure_rows, ["t", "a", "z"][::order]) for order in (1, -1) * 10))
    assert (await row(database)).kept_total == 0


async def test_marking_one_tenant_leaves_the_others(known):
    await do(known, tenant_state.ensure_rows, ["other"])
    await do(known, tenant_state.mark, "other", notified_at=NOW)
    assert (await row(known)).notified_at is None


@pytest.mark.parametrize(("first", "second", "counts"), [(HOUR, 2 * HOUR, 2 * HOUR), (2 * HOUR, HOUR, 2 * HOUR)])
async def test_a_shorter_hold_never_cuts_a_longer_one(known, first, second, counts):
    before = datetime.now(UTC)
    await do(known, tenant_state.throttle_for, "t", first)
    await do(known, tenant_state.throttle_for, "t", second)
    assert abs((await row(known)).held_until - before - counts) < timedelta(minutes=5)


@pytest.mark.parametrize(("first", "second", "counts"), [(HOUR, 2 * HOUR, HOUR), (2 * HOUR, HOUR, HOUR)])
async def test_of_two_gaps_the_earlier_counts(known, first, second, counts):
    await do(known, tenant_state.open_gap, "t", NOW + first)
    await do(known, tenant_state.open_gap, "t", NOW + second)
    assert (await row(known)).gap_since == NOW + counts


async def test_a_sweep_that_came_to_its_end_closes_the_gap_it_knew(known):
    await do(known, tenant_state.open_gap, "t", NOW)
    await do(known, tenant_state.complete_sweep, "t", NOW + HOUR, NOW)
    assert ((await row(known)).gap_since, (await row(known)).reconciled_at) == (None, NOW + HOUR)


async def test_a_gap_that_opened_during_the_sweep_stays_open(known):
    await do(known, tenant_state.open_gap, "t", NOW)
    await do(known, tenant_state.open_gap, "t", NOW - HOUR)
    await do(known, tenant_state.complete_sweep, "t", NOW + HOUR, NOW)
    assert (await row(known)).gap_since == NOW - HOUR


async def test_a_sweep_that_knew_no_gap_closes_none(known):
    await do(known, tenant_state.open_gap, "t", NOW)
    await do(known, tenant_state.complete_sweep, "t", NOW + HOUR, None)
    assert (await row(known)).gap_since == NOW


async def test_records_stored_by_many_at_once_are_all_counted(known):
    await asyncio.gather(*(do(known, tenant_state.count_stored, {"t": 2, "unknown": 1}, NOW) for _ in range(20)))
    assert ((await row(known)).kept_total, (await row(known)).kept_at) == (40, NOW)
