"""reconcile: the sweeps that run by themselves, so that no lost notification loses a call."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from app.db import lease
from app.fetch.reconciliation import reconcile
from app.fetch.reconciliation.reconcile import Reconcile, reach_back
from app.fetch.reconciliation.window import MARGINS
from app.inbox import rows, tenant_state
from tests.archive.records import a_call_record, kept, save
from tests.moving import move_time
from tests.waiting import until

pytestmark = pytest.mark.anyio

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
OLDEST = NOW - 30 * DAY


@pytest.mark.parametrize(
    ("reconciled_at", "gap_since", "since"),
    [
        (None, None, OLDEST),
        (None, NOW - HOUR, OLDEST),  # a gap says nothing of what was before it
        (NOW - HOUR, None, NOW - HOUR - reconcile.REACH_BACK),
        (NOW - 5 * DAY, None, NOW - 5 * DAY - reconcile.REACH_BACK),
        (NOW - HOUR, NOW - 2 * DAY, NOW - 2 * DAY - reconcile.REACH_BACK),
        (NOW - 3 * DAY, NOW - HOUR, NOW - 3 * DAY - reconcile.REACH_BACK),
        (NOW - 29 * DAY, None, OLDEST),
        (NOW - 300 * DAY, None, OLDEST),
        (NOW - HOUR, NOW - 300 * DAY, OLDEST),
    ],
)
def test_the_list_is_read_from_before_the_last_moment_known_to_be_whole(reconciled_at, gap_since, since):
    assert reach_back(NOW, reconciled_at, gap_since) == since


def test_a_meeting_of_thirty_hours_whose_record_comes_late_is_within_reach():
    assert timedelta(hours=30, minutes=150) < reconcile.REACH_BACK


@pytest.fixture
def sweeper(database, graph):
    """Another process each time it is called."""
    return lambda holder="here", every=HOUR, **options: Reconcile(
        database, graph.clients, every, holder=holder, **{"look_every": 0.01, **options}
    )


@asynccontextmanager
async def running(*sweepers):
    tasks = [asyncio.create_task(sweeper.run()) for sweeper in sweepers]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def tenant(database, graph, **values):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [graph.tenant_id])
        if values:
            await tenant_state.mark(db, graph.tenant_id, **values)
        return await tenant_state.find(db, graph.tenant_id)


async def queued(database):
    async with database.reading() as db:
        return {row.call_id for row in await rows.rows(db, limit=1000)}


def asked_since(graph):
    """From when on the last list was asked for, in hours before now."""
    path = graph.listings()[-1].path.replace("%20", " ").replace("%3A", ":")
    since = datetime.fromisoformat(path.partition("startDateTime ge ")[2].partition("Z")[0] + "+00:00")
    return (datetime.now(UTC) - since) / HOUR


async def test_the_first_sweep_reaches_thirty_days_back_and_later_ones_before_the_last(database, graph, sweeper):
    (old,) = await graph.world.make_calls(days_ago=29, put={"notify": False})
    await sweeper().sweep(graph.tenant_id)
    assert await queued(database) == {old}
    assert asked_since(graph) == pytest.approx(30 * 24 - MARGINS[0] / HOUR, abs=0.1)
    await sweeper().sweep(graph.tenant_id)
    assert asked_since(graph) == pytest.approx(reconcile.REACH_BACK / HOUR, abs=0.1)


@pytest.mark.parametrize("seconds", [-600, 0, 600])
async def test_graph_refuses_no_sweep_whose_clock_differs_by_ten_minutes(database, graph, sweeper, seconds):
    graph.world.change_settings({"list_window": True, "clock_offset_s": seconds, "list_page": 20})
    calls = await graph.world.make_calls(count=50, put={"notify": False})
    await sweeper().sweep(graph.tenant_id)
    await sweeper().sweep(graph.tenant_id)
    assert await queued(database) == set(calls)
    assert {asked.status for asked in graph.listings()} == {200}


async def test_a_sweep_goes_on_after_a_storm_of_throttling(database, graph, sweeper):
    graph.world.change_settings({"list_page": 20, "list_storm_every": 1, "list_storm_length": 1})
    calls = await graph.world.make_calls(count=50, put={"notify": False})
    await sweeper().sweep(graph.tenant_id)
    assert await queued(database) == set(calls)
    assert [asked.status for asked in graph.listings()] == [200, 429, 200, 429, 200]


async def test_the_first_sweep_reaches_back_whatever_a_person_has_fetched_by_hand(database, graph, sweeper):
    await save(database, kept(a_call_record(startDateTime=datetime.now(UTC).isoformat()), tenant=graph.tenant_id))
    await sweeper().sweep(graph.tenant_id)
    assert asked_since(graph) == pytest.approx(30 * 24 - MARGINS[0] / HOUR, abs=0.1)


async def test_notifications_that_were_lost_are_made_good(database, graph, sweeper):
    await tenant(database, graph, reconciled_at=datetime.now(UTC) - HOUR)
    graph.world.lose(5)
    lost = await graph.world.make_calls(count=5)
    await sweeper().sweep(graph.tenant_id)
    assert await queued(database) == set(lost)


async def test_a_long_call_that_appears_late_is_found(database, graph, sweeper):
    """It began 20 hours ago, and was not there at the last sweep."""
    await sweeper().sweep(graph.tenant_id)
    start = datetime.now(UTC) - 20 * HOUR
    late = await graph.world.make_calls(start=start, duration=20 * HOUR, put={"notify": False})
    await sweeper().sweep(graph.tenant_id)
    assert await queued(database) == set(late)


async def test_it_sweeps_at_start_and_then_on_the_schedule(database, graph, sweeper):
    async with running(sweeper(every=timedelta(seconds=0.2))):
        await until(lambda: len(graph.listings()) >= 3)


@pytest.mark.parametrize(("seconds_ago", "sweeps"), [(2, 0), (90, 1)])
async def test_at_start_it_sweeps_unless_another_has_just_done_it(
    database, graph, sweeper, monkeypatch, seconds_ago, sweeps
):
    looks = []
    monkeypatch.setattr(reconcile.Reconcile, "_is_due", _counting(reconcile.Reconcile._is_due, looks))
    await tenant(database, graph, reconciled_at=datetime.now(UTC) - timedelta(seconds=seconds_ago))
    async with running(sweeper()):
        await until(lambda: len(looks) > 5)
    assert len(graph.listings()) == sweeps


def _counting(method, calls):
    async def counted(*arguments):
        calls.append(arguments)
        return await method(*arguments)

    return counted


async def test_a_gap_is_swept_at_once_and_closed(database, graph, sweeper):
    await tenant(database, graph, reconciled_at=datetime.now(UTC))
    missed = await graph.world.make_calls(count=2, put={"notify": False})
    async with running(sweeper()):
        async with database.begin() as db:
            await tenant_state.open_gap(db, graph.tenant_id, datetime.now(UTC) - HOUR)
        await until(lambda: _closed(database, graph))
    assert await queued(database) == set(missed)
    assert len(graph.listings()) == 1


async def _closed(database, graph):
    return (await tenant(database, graph)).gap_since is None


async def test_a_gap_that_opens_during_a_sweep_stays_open(database, graph, sweeper):
    swept = datetime.now(UTC) - HOUR
    await tenant(database, graph, reconciled_at=swept, gap_since=swept)
    graph.world.faults.add({"fault": "slow", "seconds": 0.5, "match": {"path": "callRecords"}, "times": 1})
    sweeping = asyncio.create_task(sweeper().sweep(graph.tenant_id))
    await until(lambda: graph.world.journal.open)
    await tenant(database, graph, gap_since=swept - HOUR)
    await sweeping
    assert (await tenant(database, graph)).gap_since == swept - HOUR


async def test_of_two_replicas_one_sweeps_at_a_time(database, graph, sweeper):
    graph.world.faults.add({"fault": "slow", "seconds": 0.3, "match": {"path": "callRecords"}})
    await graph.world.make_calls(count=70, put={"notify": False})
    await asyncio.gather(*(sweeper(holder).sweep(graph.tenant_id) for holder in ("here", "there")))
    assert len(graph.listings()) == 2  # two pages, once


async def test_the_lease_of_a_replica_that_died_ends_by_itself(database, graph, sweeper):
    await lease.take(database, f"reconcile:{graph.tenant_id}", "dead", timedelta(minutes=1))
    await sweeper().sweep(graph.tenant_id)
    assert graph.listings() == []
    await move_time(database, minutes=1, seconds=1)
    await sweeper().sweep(graph.tenant_id)
    assert len(graph.listings()) == 1


async def test_a_sweep_that_breaks_off_is_not_counted_and_comes_again(database, graph, sweeper):
    missed = await graph.world.make_calls(count=70, put={"notify": False})
    graph.world.faults.add({"fault": "status", "status": 403, "match": {"path": "skiptoken"}, "times": 1})
    async with running(sweeper(after_failure=timedelta(seconds=0.2))):
        await until(lambda: _swept(database, graph))
    assert await queued(database) == set(missed)
    assert [asked.status for asked in graph.listings()] == [200, 403, 200, 200]


async def _swept(database, graph):
    return (await tenant(database, graph)).reconciled_at is not None


async def test_after_a_failure_graph_is_left_alone_for_a_minute(database, graph, sweeper, monkeypatch):
    graph.world.faults.add({"fault": "status", "status": 403, "match": {"path": "callRecords"}})
    looks = []
    monkeypatch.setattr(reconcile.Reconcile, "_sweep_if_due", _counting(reconcile.Reconcile._sweep_if_due, looks))
    async with running(sweeper()):
        await until(graph.listings)
        failed = len(looks)
        await until(lambda: len(looks) > failed + 20)
    assert len(graph.listings()) == 1
    assert timedelta(minutes=1) == reconcile.AFTER_FAILURE


async def test_tenants_that_fail_do_not_stop_another_and_a_lasting_fault_is_logged_once_a_minute(
    database, graph, capsys
):
    tried = []

    class Broken:
        def call_records(self, *_):
            tried.append(1)
            raise OSError("no way there")

    clients = {f"00000000-0000-4000-8000-00000000bbb{n}": Broken() for n in range(2)} | graph.clients
    soon = {"look_every": 0.01, "after_failure": timedelta(seconds=0.01)}
    async with running(Reconcile(database, clients, HOUR, holder="here", **soon)):
        await until(lambda: len(tried) > 4)
        await until(lambda: _swept(database, graph))
    assert capsys.readouterr().out.count("reconcile_failed") == 1
