"""While notifications cannot be stored, /readyz and /metrics say why, and they notice when it is over."""

from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from app.db import Database
from app.db.outage.causes import WORDS
from app.observability.metrics import Metrics
from app.web.webhook import receiver
from tests.link import Link
from tests.waiting import until
from tests.web.application import OTHER, a_change, calling, notify, opened, subscribed
from tests.web.locks import locked

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client_state(database):
    await subscribed(database, OTHER)
    return await subscribed(database)


async def reasons(client):
    answer = (await client.get("/readyz")).json()
    return {reason["reason"]: reason["detail"] for reason in answer["reasons"]}


async def is_over(client):
    """No notification comes meanwhile."""
    return await reasons(client) == {}


@asynccontextmanager
async def full(database):
    """SQLite has no room for another page; the limit is that of the one connection that writes."""
    async with database.begin() as db:
        await db.execute(text("PRAGMA max_page_count=1"))  # never below what the file has
    yield
    async with database.begin() as db:
        await db.execute(text("PRAGMA max_page_count=1000000"))


@pytest.mark.parametrize(
    ("database_url", "fault", "cause"),
    [("sqlite", "full", "disk_full"), ("sqlite", "locked", "lock"), ("postgresql", "locked", "lock")],
    indirect=["database_url"],
)
async def test_a_full_disk_and_a_lock_are_reasons_until_they_are_over(
    graph, metrics, database, database_url, client_state, fault, cause, monkeypatch
):
    monkeypatch.setattr(receiver, "PROBE", 0.1)
    assert await reasons(graph) == {}
    async with full(database) if fault == "full" else locked(database_url):
        items = [a_change(client_state) for _ in range(300)]  # more than the free space of a page
        assert (await notify(graph, *items)).status_code == 503
        detail = (await reasons(graph)).get("storing", "")
        assert WORDS[cause] in detail
        assert "1 request " in detail
        assert metrics.registry.get_sample_value("callkeeper_not_stored_requests_total", {"cause": cause}) == 1
        if fault == "full":  # a lock of PostgreSQL's table keeps readers out as well
            assert 'callkeeper_not_ready{reason="storing"} 1.0' in (await graph.get("/metrics")).text
    await until(lambda: is_over(graph))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lost_connection_is_a_reason_and_readyz_waits_for_no_database(
    database, postgresql_url, client_state, monkeypatch
):
    monkeypatch.setattr(receiver, "PROBE", 0.1)
    async with Link(postgresql_url) as link:
        remote = Database.open(link.url, statement_limit=600)
        async with opened(remote, Metrics(), readiness_seconds=0.5) as app, calling(app) as graph:
            assert (await notify(graph, a_change(client_state))).status_code == 202
            assert await reasons(graph) == {}
            link.silent = True
            assert (await notify(graph, a_change(client_state))).status_code == 503
            found = await reasons(graph)
            assert set(found) == {"database", "storing"}
            assert WORDS["connection"] in found["storing"]
            link.silent = False
            link.cut()
            await until(lambda: is_over(graph))
        await remote.close()
