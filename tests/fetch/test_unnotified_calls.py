"""What a sweep says of the notifications: calls that should have been told and were not."""

from datetime import UTC, datetime, timedelta

import pytest

from app.fetch.reconciliation.backfill import backfill
from app.fetch.reconciliation.reconcile import Reconcile
from app.health.rules import reasons
from app.health.tenant import tenant_states
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from app.subscriptions import model
from tests.moving import move_time

pytestmark = pytest.mark.anyio

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def subscribed(database, graph):
    """Since six hours."""
    now = datetime.now(UTC)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [graph.tenant_id])
        ours, _ = await model.insert(
            db, graph.tenant_id, "https://we.example/n", "https://we.example/l", now - 6 * HOUR
        )
        await model.update_row(db, ours, subscription_id="s", expires_at=now + 5 * DAY)


@pytest.fixture
def sweep(database, graph):
    async def sweep():
        reconcile = Reconcile(database, graph.clients, HOUR, holder="here", listening_since=model.listening_since)
        await reconcile.sweep(graph.tenant_id)
        return await state(database, graph)

    return sweep


async def state(database, graph):
    (one,) = await tenant_states(database, [graph.tenant_id])
    return one


async def notified(database, graph, at, *call_ids):
    async with database.begin() as db:
        await queue.put(db, [Notice(graph.tenant_id, call_id) for call_id in call_ids], at)
        await tenant_state.mark(db, graph.tenant_id, notified_at=at)


async def unnotified(graph, *hours_ago):
    now = datetime.now(UTC)
    for hours in hours_ago:
        await graph.world.make_calls(start=now - (hours + 0.5) * HOUR, duration=HOUR / 2, put={"notify": False})


async def names(database, graph):
    return [reason.reason for reason in reasons(await state(database, graph), datetime.now(UTC))]


async def test_calls_without_a_notification_are_counted_once(graph, subscribed, sweep):
    await unnotified(graph, 4, 2)
    for _ in range(2):
        found = await sweep()
        assert (found.unnotified_total, found.unnotified_calls) == (2, 2)
        assert (datetime.now(UTC) - found.unnotified_since) / HOUR == pytest.approx(4, abs=0.1)
        assert found.normal_silence == DAY  # the archive is empty: there is no rhythm yet


async def test_what_was_notified_and_waits_is_not_counted(database, graph, subscribed, sweep):
    reported = await graph.world.make_calls(count=3, put={"notify": False})
    await notified(database, graph, datetime.now(UTC), *reported)
    assert (await sweep()).unnotified_total == 0


async def test_the_thirty_days_before_the_first_subscription_are_no_silence(database, graph, sweep, subscribed):
    await unnotified(graph, 7, 24, 24 * 20)
    found = await sweep()
    assert (found.unnotified_total, found.unnotified_since) == (0, None)


async def test_without_a_subscription_nothing_is_counted(graph, sweep):
    await unnotified(graph, 1, 2)
    assert (await sweep()).unnotified_total == 0


async def test_a_call_that_ended_before_the_last_notification_was_lost_and_is_no_silence(
    database, graph, subscribed, sweep
):
    await notified(database, graph, datetime.now(UTC) - HOUR)
    await unnotified(graph, 3)
    found = await sweep()
    assert (found.unnotified_total, found.unnotified_since) == (1, None)


async def test_a_silence_begins_anew_after_a_notification(database, graph, subscribed, sweep):
    await unnotified(graph, 5, 4)
    await sweep()
    await notified(database, graph, datetime.now(UTC) - 3 * HOUR)
    await unnotified(graph, 1)
    found = await sweep()
    assert (found.unnotified_total, found.unnotified_calls) == (3, 1)
    assert (datetime.now(UTC) - found.unnotified_since) / HOUR == pytest.approx(1, abs=0.1)


async def test_what_a_person_backfills_says_nothing_of_notifications(database, graph, subscribed):
    await unnotified(graph, 1)
    await backfill(database, graph.client, graph.tenant_id, datetime.now(UTC) - DAY)
    assert (await state(database, graph)).unnotified_total == 0


async def test_notifications_that_stay_away_become_a_silence_and_the_next_one_ends_it(
    database, graph, subscribed, sweep
):
    await unnotified(graph, 4, 2)
    await sweep()
    assert await names(database, graph) == []
    async with database.begin() as db:
        await tenant_state.mark(db, graph.tenant_id, normal_silence=3600.0 * 3)
    assert await names(database, graph) == ["silence"]
    await notified(database, graph, datetime.now(UTC))
    assert await names(database, graph) == []


async def test_a_quiet_weekend_is_no_silence(database, graph, subscribed, sweep):
    await notified(database, graph, datetime.now(UTC))
    await sweep()
    await move_time(database, hours=62)
    await sweep()
    assert "silence" not in await names(database, graph)
