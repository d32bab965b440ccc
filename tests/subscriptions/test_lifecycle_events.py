"""What Graph says about a subscription itself is answered once, and what may have been lost is swept."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app.fetch.reconciliation.reconcile import Reconcile
from app.inbox import rows
from tests.moving import move_time
from tests.waiting import until

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


@pytest.fixture
async def subscribed(installation):
    """A subscription made an hour ago, and all that Graph lists swept since."""
    await installation.ensure()
    await move_time(installation.database, hours=1)
    await installation.mark_tenant(reconciled_at=datetime.now(UTC) - HOUR, gap_since=None)
    return installation


async def says(installation, event):
    """Graph tells our door, and it is noted."""
    installation.world.lifecycle(event)
    await until(installation.events)


async def test_a_wish_for_reauthorization_is_one_patch_and_no_reauthorize(subscribed):
    await says(subscribed, "reauthorizationRequired")
    assert (await subscribed.ensure()).action == "renewed"
    assert (await subscribed.ensure()).action == "kept"
    assert subscribed.calls == ["create", "patch"]
    assert await subscribed.events() == []
    assert subscribed.world.journal.violations == []


async def test_wishes_that_come_again_and_again_are_still_one_patch(subscribed):
    for _ in range(3):
        await says(subscribed, "reauthorizationRequired")
    await subscribed.ensure()
    for _ in range(2):  # still on their way when the PATCH came
        await says(subscribed, "reauthorizationRequired")
        await subscribed.ensure()
    assert subscribed.calls == ["create", "patch"]
    assert await subscribed.events() == []
    await move_time(subscribed.database, minutes=11)
    await says(subscribed, "reauthorizationRequired")
    await subscribed.ensure()
    assert subscribed.calls == ["create", "patch", "patch"]


async def test_a_removed_one_is_made_again_and_the_gap_is_marked(subscribed):
    before = (await subscribed.tenant()).reconciled_at
    await says(subscribed, "subscriptionRemoved")
    ensured = await subscribed.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", subscribed.one.id)
    assert (await subscribed.tenant()).gap_since == before
    assert await subscribed.events() == []


async def test_one_that_is_said_to_be_removed_but_stands_is_renewed_and_the_gap_is_swept_all_the_same(subscribed):
    one = subscribed.one
    subscribed.world.lifecycle("subscriptionRemoved")
    subscribed.world.subscriptions.by_id[one.id] = one  # it was a lie
    await until(subscribed.events)
    ensured = await subscribed.ensure()
    assert (ensured.action, ensured.subscription_id) == ("renewed", one.id)
    assert (await subscribed.tenant()).gap_since is not None
    assert await subscribed.events() == []


async def test_missed_marks_a_gap_and_the_sweep_finds_what_was_missed(subscribed):
    subscribed.world.lose(3)
    lost = await subscribed.world.make_calls(count=3)
    await says(subscribed, "missed")
    assert (await subscribed.ensure()).action == "kept"
    assert (await subscribed.tenant()).gap_since is not None
    async with subscribed.client() as client:
        clients = {subscribed.world.tenant_id: client}
        await Reconcile(subscribed.database, clients, timedelta(days=1), holder="h").sweep(subscribed.world.tenant_id)
    async with subscribed.database.reading() as db:
        assert {row.call_id for row in await rows.rows(db)} == set(lost)
    assert (await subscribed.tenant()).gap_since is None


async def test_an_event_of_an_unknown_kind_is_forgotten_without_harm(subscribed):
    body = {**_item(subscribed.one), "lifecycleEvent": "somethingNew"}
    await subscribed.world.notify_raw(orjson.dumps({"value": [body]}), lifecycle=True)
    assert await subscribed.events() == ["somethingNew"]
    assert (await subscribed.ensure()).action == "kept"
    assert await subscribed.events() == []
    assert (await subscribed.tenant()).gap_since is None


async def test_a_failure_keeps_the_event_for_the_next_time(subscribed):
    await says(subscribed, "reauthorizationRequired")
    subscribed.world.faults.add({"fault": "status", "status": 503, "match": {"method": "PATCH"}, "times": 1})
    assert not (await subscribed.ensure()).good
    assert await subscribed.events() == ["reauthorizationRequired"]
    assert (await subscribed.ensure()).action == "renewed"


def _item(subscription):
    return {
        "subscriptionId": subscription.id,
        "clientState": subscription.client_state,
        "tenantId": subscription.tenant_id,
    }
