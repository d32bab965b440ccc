"""What a fetch came to is stored once the database is back, long before the claim's lease ends."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.archive.store import record_store
from app.db import Database, postgresql
from app.db.outage.patience import CALM, Patience
from app.db.outage.retrying import retried
from app.fetch.pace import Pace
from app.fetch.worker import Worker
from app.graph.client import Part
from app.graph.errors import NotFound
from app.inbox import queue, rows, tenant_state
from app.inbox.queue import Notice
from app.observability.metrics import Metrics
from app.runtime.opening import STATEMENT_LIMIT
from app.settings.units import Rate
from app.simulator.records import a_call_record
from tests.link import Link
from tests.waiting import until

pytestmark = pytest.mark.anyio

TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"
LEASE = timedelta(hours=1)  # longer than any wait of these tests


class Gated:
    """Answers once ``open`` is set: a record, or 404 for the calls in ``absent``."""

    def __init__(self):
        self.open = asyncio.Event()
        self.asked = set()
        self.absent = set()

    async def call_record(self, call_id, _=None):
        self.asked.add(call_id)
        await self.open.wait()
        if call_id in self.absent:
            raise NotFound("not yet")
        yield Part("record", a_call_record(id=call_id))


@pytest.fixture
async def link(postgresql_url, database):
    async with Link(postgresql_url) as link:
        yield link


@asynccontextmanager
async def working(url, graph, within=60.0):
    through = Database.open(url, statement_limit=STATEMENT_LIMIT)
    paces = {TENANT: Pace(Rate(100_000, 1.0))}
    worker = Worker(through.within(within), {TENANT: graph}, paces, concurrency=8, metrics=Metrics(), lease=LEASE)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await until(task.done)
        await task
        await through.close()


async def notice(database, claimed_by=None):
    call_ids = [a_call_record()["id"] for _ in range(4)]
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [Notice(TENANT, call_id) for call_id in call_ids], datetime.now(UTC))
        if claimed_by:
            assert len(await queue.claim(db, claimed_by, [TENANT], 10, LEASE)) == 4
    return call_ids


async def left(database):
    async with database.reading() as db:
        return {row.call_id: row for row in await rows.rows(db)}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_records_in_flight_are_stored_after_a_restart_of_the_database(database, link):
    call_ids, graph = await notice(database), Gated()
    graph.absent = {call_ids[0]}

    async def all_settled():
        row = (await left(database)).get(call_ids[0])
        return row is not None and row.claimed_by is None and len(await left(database)) == 1

    async with working(link.url, graph):
        await until(lambda: len(graph.asked) == 4)
        link.refusing = True
        link.cut()
        graph.open.set()
        await asyncio.sleep(1)  # how long the database is away
        assert len(await left(database)) == 4
        link.refusing = False
        await until(all_settled)
    async with database.reading() as db:
        assert set(await record_store.stored_versions(db, TENANT, call_ids)) == set(call_ids[1:])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_connections_that_a_proxy_has_forgotten_are_replaced_long_before_the_limit_of_a_statement(
    database, link, monkeypatch
):
    """They acknowledge what is sent, and nothing answers: idle ones, and one whose transaction has begun."""
    monkeypatch.setattr(postgresql, "BEGIN", 1.0)
    call_ids, graph = await notice(database), Gated()
    complete = record_store.complete

    async def forgetting(*arguments):
        if not forgotten.is_set():
            link.forget()
            forgotten.set()
        return await complete(*arguments)

    forgotten = asyncio.Event()
    monkeypatch.setattr(record_store, "complete", forgetting)
    graph.open.set()

    async def nothing_left():
        return not await left(database)

    async with working(link.url, graph, within=3.0):
        await until(nothing_left)
    assert forgotten.is_set()
    async with database.reading() as db:
        assert set(await record_store.stored_versions(db, TENANT, call_ids)) == set(call_ids)


async def test_the_limit_of_a_transaction_is_raised_while_transactions_reach_it():
    now = [0.0]
    patience = Patience(0.01, clock=lambda: now[0])
    for expected in (0.02, 0.04):
        with pytest.raises(TimeoutError):
            async with patience.limit():
                await asyncio.sleep(60)
        assert patience.seconds == expected
    async with patience.limit():
        pass
    assert patience.seconds == 0.04
    now[0] += CALM
    assert patience.seconds == 0.01
    async with Patience().limit():
        pass


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_rows_whose_claim_was_committed_but_not_answered_are_claimed_again(database, link):
    """The server got the claim and the connection broke before its answer: no worker knows of the lease."""
    graph = Gated()
    graph.open.set()
    async with working(link.url, graph) as worker:
        link.refusing = True
        link.cut()  # the next claim fails, as one does whose answer is lost
        call_ids = await notice(database, claimed_by=worker.name)
        await until(lambda: link.refused)
        link.refusing = False

        async def nothing_left():
            return not await left(database)

        await until(nothing_left)
    async with database.reading() as db:
        assert set(await record_store.stored_versions(db, TENANT, call_ids)) == set(call_ids)


async def test_a_save_that_fails_for_longer_than_the_lease_is_given_up():
    """The pure rule; what fails because of its values fails at once."""
    left_over, errors, slept = iter([5.0, 4.0, 1.0, 0.3]), [], []

    async def failing():
        raise ConnectionResetError

    async def sleep(seconds):
        slept.append(seconds)

    with pytest.raises(ConnectionResetError):
        await retried(failing, lambda: next(left_over), errors.append, sleep)
    assert (len(errors), slept) == (2, [0.2, 0.5])
    with pytest.raises(KeyError):
        await retried(broken, lambda: 60.0, errors.append, sleep)


async def broken():
    raise KeyError
