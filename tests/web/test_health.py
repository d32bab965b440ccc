"""/healthz, /readyz, /metrics and /api/status: whether it works, why not, and since when."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.db import Database
from app.health.rules import REASONS
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from app.subscriptions import model
from tests.moving import move_time
from tests.web.application import OTHER, TENANT, a_change, calling, notify, opened, subscribed
from tests.web.locks import locked

pytestmark = pytest.mark.anyio

NAMED = {  # interface.md names these
    "callkeeper_notifications_total",
    "callkeeper_inbox_rows",
    "callkeeper_inbox_oldest_due_seconds",
    "callkeeper_nearest_deadline_seconds",
    "callkeeper_records_stored_total",
    "callkeeper_graph_requests_total",
    "callkeeper_subscription_expires_in_seconds",
    "callkeeper_last_notification_seconds",
    "callkeeper_not_ready",  # these are the alert rules'
    "callkeeper_subscription_problem",
    "callkeeper_unnotified_calls_total",
    "callkeeper_normal_silence_seconds",
}


@pytest.fixture
async def ready(database):
    """Both tenants have a live subscription; their client states."""
    return {tenant: await subscribed(database, tenant) for tenant in (TENANT, OTHER)}


async def reasons(client):
    answer = await client.get("/readyz")
    assert answer.status_code == (503 if answer.json()["reasons"] else 200)
    assert answer.json()["ready"] is (answer.status_code == 200)
    return [(reason["reason"], reason.get("tenant_id")) for reason in answer.json()["reasons"]]


async def samples(client):
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = list(text_string_to_metric_families(answer.text))
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


async def test_it_lives_whatever_the_database_does(nowhere):
    answer = await nowhere.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_it_is_ready_with_a_live_subscription_for_each_tenant(graph, ready):
    assert await reasons(graph) == []


async def test_without_a_live_subscription_it_says_for_which_tenant_and_why(graph, database):
    await subscribed(database)
    assert await reasons(graph) == [("subscription", OTHER)]
    ended = await subscribed(database, OTHER, ended_at=datetime.now(UTC), last_error="consent is missing")
    assert ended
    (reason,) = (await graph.get("/readyz")).json()["reasons"]
    assert "consent is missing" in reason["detail"]


async def test_a_subscription_that_ran_out_is_none(graph, database, ready):
    await move_time(database, days=3)
    assert await reasons(graph) == [("subscription", TENANT), ("subscription", OTHER)]


async def test_a_row_due_for_hours_is_reported(graph, database, ready):
    async with database.begin() as db:
        await queue.put(db, [Notice(OTHER, "c")], datetime.now(UTC))
    assert await reasons(graph) == []
    await move_time(database, minutes=61)
    assert await reasons(graph) == [("collecting", OTHER)]


async def test_a_database_that_is_not_migrated_is_reported(graph, database, ready):
    revision = text("UPDATE alembic_version SET version_num = :to")
    async with database.begin() as db:
        before = (await db.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        await db.execute(revision, {"to": "0000"})
    try:
        (reason,) = (await graph.get("/readyz")).json()["reasons"]
    finally:
        async with database.begin() as db:
            await db.execute(revision, {"to": before})
    assert (reason["reason"], "callkeeper migrate" in reason["detail"]) == ("migration", True)


async def test_each_reason_is_a_metric_that_is_always_there(graph, database, ready):
    found = await samples(graph)
    assert [found["callkeeper_not_ready", reason] for reason in REASONS] == [0] * len(REASONS)
    await move_time(database, hours=47)
    async with database.begin() as db:
        await queue.put(db, [Notice(TENANT, "c", datetime.now(UTC) + timedelta(days=4))], datetime.now(UTC))
    found = await samples(graph)
    assert {reason for reason in REASONS if found["callkeeper_not_ready", reason]} == {"renewal", "deadline"}
    notify = {(reason["reason"], reason["tenant_id"]) for reason in (await graph.get("/readyz")).json()["reasons"]}
    assert notify == {("renewal", TENANT), ("renewal", OTHER), ("deadline", TENANT)}


async def test_what_a_sweep_found_and_what_is_normal_are_metrics_of_each_tenant(graph, database, ready):
    async with database.begin() as db:
        await tenant_state.mark(db, OTHER, unnotified_total=3, normal_silence=10_800.5)
        await model.store_problem(db, TENANT, "the renewal is refused")
    found = await samples(graph)
    assert [found["callkeeper_unnotified_calls_total", tenant] for tenant in (TENANT, OTHER)] == [0, 3]
    assert [found["callkeeper_subscription_problem", tenant] for tenant in (TENANT, OTHER)] == [1, 0]
    assert found["callkeeper_normal_silence_seconds", OTHER] == 10_800.5
    assert ("callkeeper_normal_silence_seconds", TENANT) not in found


async def test_reasons_are_found_promptly_though_the_inbox_is_deep(graph, database, ready):
    now = datetime.now(UTC)
    async with database.begin() as db:
        await queue.put(db, [Notice(TENANT, f"{number:05}", now + timedelta(days=4)) for number in range(20_000)], now)
    assert await reasons(graph) == [("deadline", TENANT)]  # after 3 seconds it would be "database"


@pytest.mark.parametrize("url", ["sqlite:///{}/no.db", "postgresql://nobody@127.0.0.1:1/nothing"])
async def test_a_database_that_is_gone_is_a_reason_and_the_counters_are_still_there(url, tmp_path, metrics):
    (tmp_path / "no.db").write_bytes(b"this is no database at all, " * 100)
    database = Database.open(url.format(tmp_path))
    async with opened(database, metrics) as app, calling(app) as client:
        assert await reasons(client) == [("database", None)]
        found = await samples(client)
        assert ("callkeeper_notifications_total", "stored") in found
        assert (found["callkeeper_not_ready", "database"], ("callkeeper_inbox_rows", "due") in found) == (1, False)
        assert (await notify(client, a_change("x"))).status_code == 503
    await database.close()


async def test_a_database_that_hangs_is_a_reason_after_a_bounded_time(metrics, database, database_url, ready):
    async with opened(database, metrics, readiness_seconds=1) as app, calling(app) as graph:
        async with locked(database_url):
            found = await reasons(graph), await samples(graph)
        # A writer never stands in the way of SQLite's readers; the lock on PostgreSQL's table does.
        assert found[0] == ([] if database.dialect == "sqlite" else [("database", None)])
        assert await reasons(graph) == []


async def test_the_metrics_have_every_name_that_was_promised(graph, ready):
    families = list(text_string_to_metric_families((await graph.get("/metrics")).text))
    names = {family.name for family in families} | {f"{f.name}_total" for f in families if f.type == "counter"}
    assert names >= NAMED


async def test_the_metrics_say_what_is_there(graph, database, ready):
    await notify(graph, a_change(ready[TENANT]), a_change(ready[TENANT]), a_change("forged"))
    found = await samples(graph)
    assert found["callkeeper_notifications_total", "stored"] == 2
    assert found["callkeeper_notifications_total", "client_state"] == 1
    assert found["callkeeper_notifications_total", "not_stored"] == 0
    assert [found["callkeeper_inbox_rows", state] for state in ("due", "failed", "expired")] == [2, 0, 0]
    assert 0 <= found["callkeeper_inbox_oldest_due_seconds",] < 60
    assert 29.9 < found["callkeeper_nearest_deadline_seconds",] / 86_400 <= 30
    assert 1.9 < found["callkeeper_subscription_expires_in_seconds", TENANT] / 86_400 <= 2
    assert 0 <= found["callkeeper_last_notification_seconds", TENANT] < 60
    assert found["callkeeper_records_stored_total",] == 0


async def test_the_status_tells_each_tenant_at_a_glance(api, database, ready):
    await notify(api, a_change(ready[TENANT]))
    async with database.begin() as db:
        await tenant_state.count_stored(db, {OTHER: 3}, datetime.now(UTC))
        await tenant_state.mark(db, OTHER, reconciled_at=datetime.now(UTC) - timedelta(hours=1))
        await model.store_problem(db, OTHER, "the renewal is refused")
    ours, theirs = (await api.get("/api/status")).json()["tenants"]
    assert (ours["tenant_id"], ours["subscription"]["live"], ours["subscription"]["problem"]) == (TENANT, True, None)
    assert ours["inbox"] == {"due": 1, "failed": 0, "expired": 0}
    assert None not in (ours["last_notification"], ours["oldest_due"], ours["nearest_deadline"])
    assert (theirs["records_stored"], theirs["last_record_kept"] is not None) == (3, True)
    assert (theirs["subscription"]["live"], theirs["subscription"]["problem"]) == (True, "the renewal is refused")
    assert theirs["inbox"] == {"due": 0, "failed": 0, "expired": 0}
