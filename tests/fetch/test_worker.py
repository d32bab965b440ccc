"""The worker alone: what it does with a fetch that waits, breaks or is cut short."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.archive.store import record_store
from app.fetch.pace import Pace
from app.fetch.worker import Worker
from app.graph.client import Part
from app.inbox import queue, rows, tenant_state
from app.inbox.queue import Notice
from app.observability.metrics import Metrics
from app.settings.units import Rate
from app.simulator.records import a_call_record
from tests.waiting import until

pytestmark = pytest.mark.anyio

TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"


class AGraph:
    """Returns each record once its event is set; raises an answer that is an exception."""

    def __init__(self):
        self.answers = {}
        self.shut = {}
        self.asked = []
        self.most = self.now = 0

    def has(self, answer=None, *, shut=False, **recipe):
        document = a_call_record(**recipe)
        self.answers[document["id"]] = answer or document
        if shut:
            self.shut[document["id"]] = asyncio.Event()
        return document["id"]

    async def call_record(self, call_id, _=None):
        self.asked.append(call_id)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0)  # others get their turn, as they do while a real Graph is asked
            if call_id in self.shut:
                await self.shut[call_id].wait()
            if isinstance(self.answers[call_id], Exception):
                raise self.answers[call_id]
            yield Part("record", self.answers[call_id])
        finally:
            self.now -= 1


@pytest.fixture
def graph():
    return AGraph()


@pytest.fixture
def worker(database, graph):
    return a_worker(database, graph)


def a_worker(database, graph, **options):
    paces = {TENANT: Pace(Rate(100_000, 1.0))}
    return Worker(database, {TENANT: graph}, paces, metrics=Metrics(), **{"concurrency": 4, **options})


async def notice(database, *call_ids):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [Notice(TENANT, call_id) for call_id in call_ids], datetime.now(UTC))


async def left(database):
    async with database.reading() as db:
        return {row.call_id: row for row in await rows.rows(db, limit=1000)}


async def held(database, *call_ids):
    async with database.reading() as db:
        return set(await record_store.stored_versions(db, TENANT, call_ids))


@asynccontextmanager
async def running(worker):
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await until(task.done)
        await task


async def test_never_more_fetches_are_under_way_than_allowed(database, graph, worker):
    calls = [graph.has() for _ in range(40)]
    await notice(database, *calls)

    async def done():
        return not await left(database)

    async with running(worker):
        await until(done)
    assert graph.most == 4
    assert sorted(graph.asked) == sorted(calls)


async def test_a_mistake_of_ours_keeps_the_row_and_does_not_stop_the_others(database, graph, worker):
    bad, good = graph.has(KeyError("nobody may read this")), graph.has()
    await notice(database, bad, good)
    begun = datetime.now(UTC)
    await worker.work_once()
    row = (await left(database)).pop(bad)
    assert (row.state, row.claimed_by, row.last_error) == ("due", None, "internal error: KeyError")
    assert begun < row.due_at < datetime.now(UTC) + timedelta(seconds=2)
    assert await held(database, bad, good) == {good}


@pytest.fixture
async def refused(database, graph):
    """A call that the database itself refuses."""
    call_id = graph.has()
    check = f"CHECK (call_id <> '{call_id}')"
    trigger = (
        "CREATE TRIGGER poison BEFORE INSERT ON call_records "
        f"WHEN NEW.call_id = '{call_id}' BEGIN SELECT RAISE(ABORT, 'poison'); END"
    )
    sqlite = database.dialect == "sqlite"
    async with database.begin() as db:
        await db.execute(text(trigger if sqlite else f"ALTER TABLE call_records ADD CONSTRAINT poison {check}"))
    yield call_id
    async with database.begin() as db:
        await db.execute(text("DROP TRIGGER poison" if sqlite else "ALTER TABLE call_records DROP CONSTRAINT poison"))


async def test_a_record_that_the_database_refuses_fails_alone(database, graph, worker, refused):
    good = [graph.has() for _ in range(3)]
    await notice(database, refused, *good)
    await worker.work_once()
    assert await held(database, refused, *good) == set(good)
    row = (await left(database)).pop(refused)
    assert (row.state, row.last_error) == ("due", "internal error: IntegrityError")
    assert row.due_at > datetime.now(UTC)


async def test_a_stop_gives_back_what_is_not_done_as_if_it_had_never_been_claimed(database, graph):
    stuck = [graph.has(shut=True) for _ in range(9)]
    await notice(database, *stuck)
    worker = a_worker(database, graph, grace=0.1)

    async def full():
        return graph.now == 4

    async with running(worker):
        await until(full)
    rows_left = await left(database)
    assert set(rows_left) == set(stuck)
    assert {(row.state, row.claimed_by, row.attempts) for row in rows_left.values()} == {("due", None, 0)}


async def test_a_stop_waits_for_a_fetch_that_is_soon_done(database, graph):
    call_id = graph.has(shut=True)
    await notice(database, call_id)

    async def asked():
        return graph.now == 1

    async with running(a_worker(database, graph)):
        await until(asked)
        asyncio.get_running_loop().call_later(0.1, graph.shut[call_id].set)
    assert await left(database) == {}
    assert await held(database, call_id) == {call_id}


async def test_a_long_fetch_keeps_its_lease_for_as_long_as_its_worker_lives(database, graph):
    call_id = graph.has(shut=True)
    await notice(database, call_id)
    ends = set()

    async def prolonged_twice():
        row = (await left(database))[call_id]
        if row.claimed_by:
            ends.add(row.due_at)
        return len(ends) == 3

    async with running(a_worker(database, graph, lease=timedelta(seconds=3))):
        await until(prolonged_twice)
        assert await a_worker(database, graph).work_once() == 0
        graph.shut[call_id].set()
    assert graph.asked == [call_id]
    assert await left(database) == {}


async def test_a_worker_that_is_woken_does_not_wait_for_its_next_look(database, graph):
    worker = a_worker(database, graph, idle=3600.0)

    async def done():
        return not await left(database)

    async with running(worker):
        for _ in range(5):
            await notice(database, graph.has())
            worker.wake()
            await until(done)
