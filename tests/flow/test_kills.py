"""`kill -9` at random moments, under load, with a Graph in trouble: every id answered with 202 is collected once."""

from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from time import monotonic

import anyio
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.archive.schema.tables import call_records
from app.inbox import rows
from app.simulator.records import a_call_record
from tests.flow.service import NO_SWEEPS, free_port
from tests.moving import move_time
from tests.waiting import until

pytestmark = pytest.mark.anyio

KILLS = 20
CALLS = 20  # that end between two kills, at most
ENOUGH = 100  # calls that end meanwhile
TROUBLE = [
    {"fault": "status", "status": 429, "retry_after": 1, "probability": 0.005},
    {"fault": "status", "status": 503, "probability": 0.04},
    {"fault": "cut", "probability": 0.03},
    {"fault": "truncate", "probability": 0.03},
    {"fault": "not_json", "probability": 0.02},
    {"fault": "slow", "seconds": 0.3, "probability": 0.2},
]
PACE = {"WORKER_CONCURRENCY": 8, "LOG_LEVEL": "info"}


class Load:
    """Calls end all the time, some of them grow; Graph sends each notification until it is answered with 202.

    On a busy machine, where a kill takes long, they do not become more than can be collected.
    """

    def __init__(self, world, rng):
        self.world, self.rng = world, rng
        self.calls, self.kills = [], 0

    async def run(self):
        while True:
            if len(self.calls) < CALLS * (self.kills + 1):
                self.calls.append(self.world.put(a_call_record(seed=self.rng.getrandbits(48))).id)
                if self.rng.random() < 0.3:
                    self.world.bump(self.rng.choice(self.calls))
            await anyio.sleep(self.rng.uniform(0, 0.06))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_whole_service_is_killed(database, world, serve, database_url):
    rng, options = Random(4), {"port": free_port(), "database_url": database_url, **PACE}
    service = await first_service(world, serve, options)
    async with under_load(world, rng) as load:
        for _ in range(KILLS):
            await a_moment(world, rng)
            await service.program.kill()
            load.kills += 1
            await time_passes(database, minutes=2, seconds=1)
            service = await serve(**options, wait=rng.random() < 0.8)
    await everything_is_collected(database, world, load)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_one_of_three_processes_is_killed(database, world, serve, start, database_url):
    rng, options = Random(5), {"database_url": database_url, **PACE}
    service = {"port": free_port(), **options}
    door = (await first_service(world, serve, service, "--no-worker")).program
    workers = [start("worker", **options) for _ in range(2)]
    async with under_load(world, rng) as load:
        for _ in range(KILLS):
            await a_moment(world, rng)
            chosen = rng.choice([door, *workers])
            await chosen.kill()
            load.kills += 1
            await time_passes(database, minutes=2, seconds=1)
            if chosen is door:
                door = (await serve("--no-worker", **service, wait=False)).program
            else:
                workers[workers.index(chosen)] = start("worker", **options)
    await everything_is_collected(database, world, load)


async def a_moment(world, rng):
    """Any; or just after a notification was answered; or just after a record was read, when it is being stored."""
    await anyio.sleep(rng.uniform(0, 0.3))
    reported, read = world.delivery.deliveries, world.journal.requests
    watched = rng.choice([None, reported, read, read])
    if watched is not None:
        before, end = watched[-1], monotonic() + 2
        while watched[-1] is before and monotonic() < end:  # noqa: ASYNC110 -- a list has no event
            await anyio.sleep(0.002)
        await anyio.sleep(rng.uniform(0, 0.003 if watched is reported else 0.03))


async def first_service(world, serve, options, *arguments):
    """Once it has its subscription; from then on only notifications tell of calls."""
    world.change_settings({"retry_longest_s": 0.5})
    world.faults.add(NO_SWEEPS)
    service = await serve(*arguments, **options)
    await until(world.subscriptions.first.is_set, details=service.program.text)
    world.put(a_call_record())
    await until(lambda: world.journal.requests and world.delivery.deliveries, details=service.program.text)
    for fault in TROUBLE:
        world.faults.add({**fault, "match": {"path": "callRecords/"}})
    return service


async def time_passes(database, **by):
    """Beside processes that work: of two that wait for each other's rows, PostgreSQL ends one."""
    for _ in range(10):
        with suppress(DBAPIError):
            return await move_time(database, **by)
    raise AssertionError("time does not pass")


class under_load:  # noqa: N801 -- reads as a word in `async with under_load(…) as load`
    """Calls go on ending until the block ends, and until there were enough of them."""

    def __init__(self, world, rng):
        self.load = Load(world, rng)

    async def __aenter__(self):
        self.tasks = await anyio.create_task_group().__aenter__()
        self.tasks.start_soon(self.load.run)
        return self.load

    async def __aexit__(self, *error):
        if error == (None, None, None):
            await until(lambda: len(self.load.calls) > ENOUGH, progress=lambda: len(self.load.calls))
        self.tasks.cancel_scope.cancel()
        await self.tasks.__aexit__(*error)


async def everything_is_collected(database, world, load):
    world.faults.clear()
    world.faults.add(NO_SWEEPS)
    counts = world.journal.counts
    # Once it is idle, each notification was answered with 202.
    await until(lambda: world.delivery.idle, progress=lambda: counts["notifications_delivered"])
    await until(InboxIsEmpty(database, world), progress=lambda: rows_left(database), seconds=120)
    assert world.journal.counts["notifications_delivered"] > len(load.calls) > ENOUGH
    assert world.journal.counts["notifications_given_up"] == 0
    async with database.reading() as db:
        assert await rows.rows(db) == []
        kept = (await db.execute(select(call_records.c.call_id, call_records.c.version))).all()
    assert sorted(kept) == sorted((one["id"], one["version"]) for one in world.listed_records())


class InboxIsEmpty:
    """Time passes for rows that wait for their next attempt, or for the end of the lease of a killed process.

    It passes only after a pause in which nothing happened, and the pause grows: when time passes while a worker saves
    its records, their leases end, and another worker fetches them again and again.
    """

    def __init__(self, database, world):
        self._database, self._world, self._pause = database, world, 0.5

    async def __call__(self):
        if not (before := await self._state()):
            return True
        await anyio.sleep(self._pause)
        if before == await self._state() and not self._world.journal.open and not self._is_due(before):
            self._pause = min(1.5 * self._pause, 15)
            await time_passes(self._database, minutes=20)
        return False

    async def _state(self):
        async with self._database.reading() as db:
            return [(row.call_id, row.attempts, row.due_at) for row in await rows.rows(db, limit=10_000)]

    def _is_due(self, state):
        return any(due_at <= datetime.now(UTC) for _, _, due_at in state)


async def rows_left(database):
    async with database.reading() as db:
        return len(await rows.rows(db, limit=10_000))
