"""A PostgreSQL that takes what is sent and says nothing: nobody waits for ever, and all recovers by itself."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import text

from app.db import Database, postgresql
from app.inbox import queue, tenant_state
from app.observability.metrics import Metrics
from tests.link import Link
from tests.upgrades.old import NEWEST, migrate_to
from tests.waiting import until
from tests.web.application import NOTIFICATIONS, TENANT, a_change, calling, opened, subscribed

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)]
LIMIT = 1.0
BOUND = postgresql.BEGIN + postgresql.CONNECT + 5  # seconds: a lost connection, a new one, and a busy machine


@pytest.fixture
async def way(empty, empty_url):
    await migrate_to(empty, NEWEST)
    async with Link(empty_url) as way:
        yield way


@pytest.fixture
async def database(way):
    database = Database.open(way.url, statement_limit=LIMIT)
    yield database
    await database.close()


async def one(database):
    async with database.begin() as db:
        return await db.scalar(text("SELECT 1"))


async def within(seconds, awaitable):
    """What it came to, and that it came in time."""
    begun = monotonic()
    [result] = await asyncio.gather(awaitable, return_exceptions=True)
    assert monotonic() - begun < seconds, result
    return result


async def test_a_statement_that_is_not_answered_ends_and_the_next_one_finds_a_new_way(database, way):
    assert await one(database) == 1
    way.silent = True
    assert isinstance(await within(BOUND, one(database)), OSError)
    way.silent = False
    assert await within(BOUND, one(database)) == 1


async def test_a_task_that_is_cancelled_meanwhile_ends_soon(way):
    patient = Database.open(way.url)
    assert await one(patient) == 1
    way.silent = True
    impatient = asyncio.create_task(one(patient))
    await asyncio.wait([impatient], timeout=0.1)
    impatient.cancel()
    assert isinstance(await within(4, impatient), asyncio.CancelledError)
    await patient.close()


async def test_without_a_limit_a_statement_takes_as_long_as_it_takes(way):
    patient = Database.open(way.url)
    async with patient.begin() as db:
        assert await db.scalar(text("SELECT 1 FROM pg_sleep(1.5)")) == 1
    await patient.close()


async def test_the_kernel_asks_whether_the_other_side_is_still_there(database):
    async with database.begin() as db:
        driver = (await db.get_raw_connection()).driver_connection
        connection = driver._transport.get_extra_info("socket")
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10


@pytest.mark.parametrize("known", [True, False])
async def test_the_door_answers_503_in_time_and_202_when_it_can_again(database, way, known):
    """Whether it has read the client states before, or meets silence there."""
    client_state = await subscribed(database)
    async with opened(database, Metrics(), tenant_ids=(TENANT,)) as app, calling(app) as graph:

        async def posted():
            return (await graph.post(NOTIFICATIONS, json={"value": [a_change(client_state)]})).status_code

        if known:
            assert await posted() == 202
        way.silent = True
        assert await within(3.5, posted()) == 503
        assert await within(3.5, posted()) == 503
        way.silent = False

        async def taken():
            return await posted() == 202

        await until(taken)


async def test_a_worker_claims_again_when_it_can(database, way):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [queue.Notice(TENANT, "a-call")], datetime.now(UTC))
    way.silent = True

    async def claimed():
        try:
            async with database.begin() as db:
                return await queue.claim(db, "worker", [TENANT], 1, timedelta(minutes=2))
        except OSError:
            way.silent = False
            return []

    [claim] = await until(claimed)
    assert claim.call_id == "a-call"
