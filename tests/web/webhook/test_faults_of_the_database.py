"""Notifications while the network to PostgreSQL is slow or cut, and while other transactions lock rows."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.db import Database
from app.inbox import deferred, queue, tenant_state
from app.inbox.deferred import MoveDeferred
from app.observability.metrics import Metrics
from tests.link import Link
from tests.waiting import until
from tests.web.application import TENANT, a_change, calling, id_of, notify, opened, waiting

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture
async def link(postgresql_url, database):
    async with Link(postgresql_url) as link:
        yield link


@pytest.fixture
async def remote(link):
    """The database, seen through the link."""
    remote = Database.open(link.url)
    yield remote
    await remote.close()


async def test_a_notification_takes_at_most_two_round_trips_and_the_next_one_takes_one(remote, link, client_state):
    async with opened(remote, Metrics()) as app, calling(app) as graph:
        assert (await notify(graph, a_change(client_state))).status_code == 202  # reads the client states
        trips = []
        for _ in range(3):
            before = link.flights
            assert (await notify(graph, a_change(client_state))).status_code == 202
            trips.append(link.flights - before)
    assert trips[0] <= 2, trips
    assert trips[1:] == [1, 1]


async def test_after_a_cut_that_neither_side_noticed_the_second_notification_at_the_latest_is_stored(
    remote, link, client_state
):
    """Each refused one takes at most 2.5 seconds."""
    async with opened(remote, Metrics()) as app, calling(app) as graph:
        assert (await notify(graph, a_change(client_state))).status_code == 202
        link.forget()
        answers = [(await notify(graph, a_change(client_state))).status_code for _ in range(3)]
    assert answers == [503, 202, 202]


async def test_after_a_restart_of_the_database_the_next_notification_is_stored(remote, link, client_state):
    async with opened(remote, Metrics()) as app, calling(app) as graph:
        assert (await notify(graph, a_change(client_state))).status_code == 202
        link.refusing = True
        link.cut()
        assert (await notify(graph, a_change(client_state))).status_code == 503
        link.refusing = False
        assert (await notify(graph, a_change(client_state))).status_code == 202


async def test_a_worker_that_vanishes_in_the_middle_of_a_transaction_refuses_no_notification(
    database, link, client_state, graph
):
    """Its rows of the inbox and of `tenants` stay locked until the server ends its session."""
    known, new = a_change(client_state), a_change(client_state)
    await notify(graph, known)
    worker = Database.open(link.url, statement_limit=30, idle_limit=2)
    locked = asyncio.Event()

    async def vanishing():
        async with worker.begin() as db:
            [claim] = await queue.claim(db, "vanished", [TENANT], 10, timedelta(minutes=2))
            await queue.finish(db, "vanished", [claim])
            await tenant_state.count_stored(db, {TENANT: 1}, claim.deadline)
            locked.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(vanishing())
    await locked.wait()
    link.silent = True
    assert (await notify(graph, known, new)).status_code == 202
    assert await waiting(database) == [id_of(known)]  # as it was before the worker
    job = MoveDeferred(database)

    async def moved():
        await job.once()
        return await waiting(database) == sorted([id_of(known), id_of(new)])

    await until(moved)  # waits for the lock, until the server has ended the worker's session
    async with database.reading() as db:
        assert await deferred.counts(db) == {}
        assert (await db.scalar(text("SELECT sum(notices) FROM inbox"))) == 3
        assert (await tenant_state.find(db, TENANT)).notified_at is not None
    link.cut()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await worker.close()
