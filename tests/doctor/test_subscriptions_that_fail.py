"""A subscription that is not there, not ours, not renewed or elsewhere, and work that nobody does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.inbox import queue
from app.inbox.model import inbox
from app.inbox.queue import Notice
from app.subscriptions import model

pytestmark = pytest.mark.anyio

CALL = "00000000-0000-4000-8000-00000000cafe"


async def _set(scene, **values):
    row = await scene.row()
    async with scene.database.begin() as db:
        await model.update_row(db, row.id, **values)


async def test_there_is_none(patient):
    await patient.scene.lose_rows()
    patient.world.clear_subscriptions()
    said = await patient.says("subscription")
    assert "there is none" in said
    assert "callkeeper subscriptions ensure" in said


async def test_graph_holds_one_that_this_database_lost(patient):
    await patient.scene.lose_rows()
    assert "its notifications are ignored" in await patient.says("subscription")


async def test_graph_forgot_ours(patient):
    patient.world.clear_subscriptions()
    assert "Graph does not know our subscription" in await patient.says("subscription")


async def test_it_expired(patient):
    await _set(patient.scene, expires_at=datetime.now(UTC) - timedelta(hours=3, seconds=5), last_error="no way")
    said = await patient.says("subscription")
    assert "expired 3 h ago" in said
    assert "no way" in said


async def test_it_expired_at_graph_alone(patient):
    patient.scene.one.expires = datetime.now(UTC) + timedelta(seconds=-1)
    assert "Graph does not know" in await patient.says("subscription")


async def test_it_is_near_its_end(patient):
    patient.scene.one.expires = datetime.now(UTC) + timedelta(hours=5, seconds=30)
    said = await patient.says("subscription", state="warning")
    assert "not renewed: 5 h left" in said


async def test_the_last_attempt_failed(patient):
    await _set(patient.scene, last_error="PUBLIC_URL does not answer")
    assert "PUBLIC_URL does not answer" in await patient.says("subscription", state="warning")


async def test_graph_notifies_another_address(patient):
    patient.scene.one.notification_url = "https://old.example.com/graph/notifications"
    assert "Graph notifies https://old.example.com" in await patient.says("subscription")


async def test_graph_tells_the_lifecycle_to_another_address(patient):
    patient.scene.one.lifecycle_url = "https://old.example.com/graph/lifecycle"
    assert "https://old.example.com/graph/lifecycle" in await patient.says("subscription")


async def _due(patient, **values):
    async with patient.scene.database.begin() as db:
        await queue.put(db, [Notice(patient.world.tenant_id, CALL)], datetime.now(UTC))
        await db.execute(update(inbox).values(**values))


async def test_no_worker_collects(patient):
    await _due(patient, due_at=datetime.now(UTC) - timedelta(hours=4, seconds=5))
    said = await patient.says("worker")
    assert "due for 4 h" in said
    assert "callkeeper worker" in said


async def test_what_is_due_since_a_moment_is_no_alarm(patient):
    await _due(patient, due_at=datetime.now(UTC))
    assert (await patient.examined()).of("worker").found.startswith("1 waiting")


async def test_calls_were_given_up(patient):
    await _due(patient, state="failed")
    assert "callkeeper inbox --state failed" in await patient.says("worker", state="warning")


@pytest.mark.parametrize(("ago", "wanted"), [(None, "no sweep"), (timedelta(hours=5), "5 h ago")])
async def test_no_process_sweeps(patient, ago, wanted):
    at = ago and datetime.now(UTC) - ago - timedelta(seconds=5)
    await patient.scene.mark_tenant(reconciled_at=at)
    assert wanted in await patient.says("reconciliation", state="warning")


async def test_after_ensure_all_is_well_again(patient):
    patient.world.clear_subscriptions()
    assert "subscription" in (await patient.examined()).not_ok()
    await patient.scene.ensure()
    assert (await patient.examined()).not_ok() == []
