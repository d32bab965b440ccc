"""A sweep of a large tenant: slice by slice, continued where it broke off, and never two at a time."""

import asyncio
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.db import lease
from app.fetch.reconciliation import progress, slice_reader
from app.fetch.reconciliation.backfill import Swept, backfill
from app.fetch.reconciliation.progress import BACKFILL, RECONCILE
from app.fetch.reconciliation.reconcile import Reconcile
from app.graph.errors import LoginFailed, Refused, Throttled, Unavailable
from app.inbox import tenant_state
from app.inbox.model import inbox
from tests.archive.records import a_call_record, kept, save
from tests.fetch.long_list import PAGE, Killed, LongList

pytestmark = pytest.mark.anyio

TENANT = "00000000-0000-4000-8000-00000000aaaa"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def now():
    return datetime.now(UTC)


def a_list(count, **options):
    """Over the last thirty days."""
    return LongList(count, now() - 29 * DAY, now() - HOUR, **options)


def reconcile(database, graph, holder="here"):
    return Reconcile(database, {TENANT: graph}, HOUR, holder=holder, sleep=no_wait)


async def swept(database, kind=RECONCILE):
    async with database.reading() as db:
        return await progress.find(db, TENANT, kind)


async def queued(database):
    async with database.reading() as db:
        return await db.scalar(select(func.count()).select_from(inbox))


async def no_wait(_seconds):
    await asyncio.sleep(0)


def throttled(seconds):
    error = Throttled("Graph asked us to wait")
    error.retry_after = seconds
    return error


async def killed_at(database, graph, page):
    """The process dies before that page; its lease stays, and is over when the next one comes."""
    graph.trouble[page] = Killed()
    with pytest.raises(Killed):
        await reconcile(database, graph).sweep(TENANT)


async def test_a_sweep_that_is_killed_three_times_reads_each_record_once_but_for_a_slice(database):
    graph = a_list(20_000)
    for page in (80, 150, 260):
        await killed_at(database, graph, page)
    await reconcile(database, graph).sweep(TENANT)
    assert min(graph.listed) == 1
    slices = [until - since for since, until, _ in graph.requests[1:-1]]  # the first only finds that it is too long
    longest = max(slices) / (29 * DAY) * 20_000
    assert sum(graph.listed) - 20_000 <= 3 * longest + 11 * PAGE
    assert await queued(database) == 20_000
    done = await swept(database)
    assert (done.listed, done.queued, done.ended_at is not None) == (20_000, 20_000, True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_slices_of_many_batches_are_read_with_little_memory(database):
    """Memory is measured for 24,000 records, whose ids alone take more than is allowed."""
    graph = LongList(60_000, now() - DAY, now() - HOUR)
    for page in (200, 400, 500):
        await killed_at(database, graph, page)
    graph.trouble[900] = Killed()
    tracemalloc.start()
    with pytest.raises(Killed):
        await reconcile(database, graph).sweep(TENANT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await reconcile(database, graph).sweep(TENANT)
    assert peak < 2_000_000
    assert min(graph.listed) == 1
    assert sum(graph.listed) - 60_000 < 4 * (60_000 / 22) + 11 * PAGE
    assert await queued(database) == 60_000


async def test_slices_of_a_large_tenant_are_an_hour_of_call_start_or_less(database):
    graph = LongList(30_000, now() - 2 * DAY, now() - HOUR)
    await reconcile(database, graph).sweep(TENANT)
    long = [pages for since, until, pages in graph.requests if until is None or until - since > HOUR]
    assert max(long) <= 11
    assert max(pages for _, _, pages in graph.requests) > 8


async def test_a_quiet_tenant_is_listed_with_one_request(database):
    graph = a_list(50)
    await reconcile(database, graph).sweep(TENANT)
    assert [pages for _, _, pages in graph.requests] == [1]
    assert await queued(database) == 50


@pytest.mark.parametrize("trouble", [throttled(600), LoginFailed("the token has expired"), Unavailable("down")])
async def test_a_sweep_continues_after_what_ended_it(database, trouble):
    graph = a_list(10_000)
    graph.trouble = dict.fromkeys(range(90, 95), trouble)
    with pytest.raises(type(trouble)):
        await reconcile(database, graph).sweep(TENANT)
    broken_off = await swept(database)
    assert (broken_off.ended_at, broken_off.listed > 3000) == (None, True)
    graph.trouble.clear()
    await reconcile(database, graph, holder="another process").sweep(TENANT)
    assert min(graph.listed) == 1
    assert (await swept(database)).listed == 10_000
    assert (await swept(database)).begun_at == broken_off.begun_at  # up to then all is known


async def test_a_sweep_that_broke_off_is_due_at_once(database):
    graph = a_list(10_000)
    await reconcile(database, graph).sweep(TENANT)
    graph.trouble[graph.pages + 1] = Refused("no", status=403)
    with pytest.raises(Refused):
        await reconcile(database, graph).sweep(TENANT)
    assert await reconcile(database, graph)._is_due(TENANT, now())


async def test_a_short_outage_before_a_slice_does_not_end_the_sweep(database):
    graph = a_list(10)
    graph.trouble = {1: Unavailable("down"), 2: throttled(1), 3: throttled(None)}
    assert await backfill(database, graph, TENANT, now() - 30 * DAY, sleep=no_wait) == Swept(10, 10)


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), -timedelta(minutes=10), timedelta()])
async def test_no_question_is_refused_when_graphs_clock_differs_by_ten_minutes(database, ahead):
    graph = a_list(3000, clock_ahead=ahead)
    await reconcile(database, graph).sweep(TENANT)
    assert graph.refused == []
    assert min(graph.listed) == 1


@pytest.mark.parametrize(("ahead", "begun"), [(3 * HOUR, 29 * DAY), (-3 * HOUR, 10 * HOUR)])
async def test_a_400_narrows_the_window_and_is_logged_and_stored(database, ahead, begun, capsys):
    graph = LongList(6000, now() - begun, now() - HOUR, clock_ahead=ahead)
    await reconcile(database, graph).sweep(TENANT)
    assert 0 < len(graph.refused) <= 3
    assert min(graph.listed) == 1
    assert "the window" in (await swept(database)).refusal
    assert "sweep_window_narrowed" in capsys.readouterr().out


async def test_a_400_that_is_not_about_the_window_is_an_error(database):
    graph = LongList(10, now() - 20 * DAY, now() - 19 * DAY)
    graph.trouble[1] = Refused("Graph refused this (400 BadRequest: another reason)", status=400)
    with pytest.raises(Refused, match="another reason"):
        await backfill(database, graph, TENANT, now() - 20 * DAY, now() - 19 * DAY)


async def test_a_second_process_does_not_sweep_beside_the_first(database):
    graph = a_list(100)
    async with lease.hold(database, f"reconcile:{TENANT}", "there"):
        await reconcile(database, graph).sweep(TENANT)
    assert graph.requests == []


async def test_a_process_that_lost_its_lease_stops_as_soon_as_another_has_taken_over(database):
    graph, other = a_list(10_000), a_list(10_000)
    original = graph.call_records

    async def taken_over(since, until=None):
        async for page in original(since, until):
            if graph.pages == 100:
                async with database.begin() as db:  # as if our lease had run out
                    mine = await progress.find(db, TENANT, RECONCILE)
                    await progress.put(db, replace(mine, sweeper="there"))
            yield page

    graph.call_records = taken_over
    await reconcile(database, graph).sweep(TENANT)
    assert graph.pages < 120
    assert (await swept(database)).ended_at is None
    await reconcile(database, other, holder="there").sweep(TENANT)
    assert (await swept(database)).ended_at is not None


async def test_a_backfill_by_hand_waits_for_the_sweep_that_runs_and_says_so(database):
    graph, waits = a_list(100), []

    async def sleep(_seconds):
        assert graph.requests == []
        await lease.give_back(database, f"reconcile:{TENANT}", "there")

    await lease.take(database, f"reconcile:{TENANT}", "there")
    await backfill(database, graph, TENANT, now() - 30 * DAY, on_wait=lambda: waits.append(1), sleep=sleep)
    assert (waits, min(graph.listed)) == ([1], 1)


async def test_a_backfill_by_hand_that_broke_off_continues(database):
    graph = a_list(10_000)
    graph.trouble[90] = Killed()
    with pytest.raises(Killed):
        await backfill(database, graph, TENANT, now() - 30 * DAY)
    first = await swept(database, BACKFILL)
    assert await backfill(database, graph, TENANT, now() - 30 * DAY) == Swept(10_000, 10_000)
    assert sum(graph.listed) < 10_000 + 13 * PAGE
    assert graph.requests[-1][0] > first.position
    assert await backfill(database, graph, TENANT, now() - 30 * DAY) == Swept(10_000, 10_000)  # from its start again
    assert min(graph.listed) == 2


async def test_a_longer_backfill_than_the_one_that_broke_off_begins_at_its_start(database):
    graph = a_list(10_000)
    graph.trouble[40] = Killed()
    with pytest.raises(Killed):
        await backfill(database, graph, TENANT, now() - 10 * DAY)
    await backfill(database, graph, TENANT, now() - 30 * DAY)
    assert min(graph.listed) == 1


async def test_a_gap_that_reaches_further_back_than_the_sweep_that_broke_off_is_listed_as_well(database):
    graph = a_list(10_000)
    await reconcile(database, graph).sweep(TENANT)
    graph.listed = bytearray(10_000)
    graph.trouble[graph.pages + 5] = Unavailable("down")
    with pytest.raises(Unavailable):
        await reconcile(database, graph).sweep(TENANT)
    async with database.begin() as db:
        await tenant_state.open_gap(db, TENANT, now() - 10 * DAY)
    await reconcile(database, graph).sweep(TENANT)
    assert min(graph.listed[-3000:]) == 1
    assert graph.listed[0] == 0


async def test_a_batch_is_compared_with_the_archive_in_one_statement(database, monkeypatch):
    graph, compared = LongList(900, now() - 3 * HOUR, now() - HOUR), []

    async def counted(db, tenant_id, listed):
        compared.append(len(listed))
        return await missing(db, tenant_id, listed)

    missing = slice_reader.missing
    monkeypatch.setattr(slice_reader, "missing", counted)
    for number in (3, 5):
        await save(database, kept(a_call_record(id=str(UUID(int=number)), version=1), tenant=TENANT))
    result = await backfill(database, graph, TENANT, now() - DAY, now() - HOUR)
    assert result.queued == 898
    assert max(compared) > 500


async def test_the_share_of_the_window_that_is_listed_can_be_seen(database):
    graph = a_list(20_000)
    graph.trouble[200] = Killed()
    with pytest.raises(Killed):
        await backfill(database, graph, TENANT, now() - 30 * DAY)
    half = await swept(database, BACKFILL)
    assert half.share(now()) == pytest.approx(0.5, abs=0.1)
    await backfill(database, graph, TENANT, now() - 30 * DAY)
    assert (await swept(database, BACKFILL)).share(now()) == 1
