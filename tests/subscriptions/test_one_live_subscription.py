"""ensure: whatever is found at Graph and here, one live subscription comes of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.subscriptions import model
from app.subscriptions.ensure import LIST_EVERY
from tests.some import some

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


async def test_without_any_one_is_made_while_our_own_door_answers_graph(installation):
    ensured = await installation.ensure()
    assert (ensured.good, ensured.action, ensured.subscription_id) == (True, "created", installation.one.id)
    assert installation.one.notification_url == f"{installation.public_url}/graph/notifications"
    assert installation.one.lifecycle_url == f"{installation.public_url}/graph/lifecycle"
    assert (installation.one.requested["changeType"], installation.one.requested["resource"]) == (
        "updated",
        "/communications/callRecords",
    )
    assert timedelta(minutes=4190) < installation.one.expires - datetime.now(UTC) <= timedelta(minutes=4200)
    row = await installation.row()
    assert (row.subscription_id, row.expires_at) == (installation.one.id, installation.one.expires)
    assert row.client_state_sha256 == model.hashed(installation.one.client_state)


async def test_twice_is_once(installation):
    first = await installation.ensure()
    for _ in range(3):
        again = await installation.ensure()
        assert (again.good, again.action, again.subscription_id) == (True, "kept", first.subscription_id)
    assert installation.calls == ["create"]
    assert len(await installation.rows()) == 1


async def test_one_that_ends_soon_is_renewed_by_one_patch_and_the_end_graph_gave_is_stored(installation):
    await installation.ensure()
    installation.one.expires = datetime.now(UTC) + 40 * HOUR
    installation.world.change_settings({"shortest_subscription_min": 4225.0})  # Graph gives more than we ask for
    ensured = await installation.ensure()
    assert (ensured.action, installation.calls) == ("renewed", ["create", "patch"])
    assert installation.one.expires - datetime.now(UTC) > timedelta(minutes=4220)
    assert (await installation.row()).expires_at == ensured.expires_at == installation.one.expires
    assert (await installation.ensure()).action == "kept"


async def test_the_end_is_what_graph_says_and_not_what_is_written_here(installation):
    await installation.ensure()
    installation.one.expires = datetime.now(UTC) + 60 * HOUR
    assert (await installation.ensure()).action == "kept"
    assert (await installation.row()).expires_at == installation.one.expires


async def test_one_that_vanished_at_graph_is_made_again_and_the_gap_is_marked(installation):
    old = await installation.ensure()
    swept = datetime.now(UTC) - 5 * HOUR
    await installation.mark_tenant(reconciled_at=swept, gap_since=None)
    installation.world.clear_subscriptions()
    ensured = await installation.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", installation.one.id)
    assert ensured.subscription_id != old.subscription_id
    assert (await installation.tenant()).gap_since == swept
    assert (await installation.row()).subscription_id == installation.one.id


async def test_the_first_one_marks_a_gap_of_thirty_days(installation):
    await installation.ensure()
    gap = (await installation.tenant()).gap_since
    assert abs(datetime.now(UTC) - timedelta(days=30) - gap) < timedelta(minutes=1)


async def test_one_that_is_gone_when_it_is_patched_is_made_again(installation):
    old = await installation.ensure()
    installation.one.expires = datetime.now(UTC) + HOUR
    installation.world.faults.add({"fault": "status", "status": 404, "match": {"method": "PATCH"}, "times": 1})
    ensured = await installation.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", installation.one.id)
    assert ensured.subscription_id != old.subscription_id


async def test_ours_whose_row_is_lost_is_replaced(installation):
    """Its client state is lost with the row: what it sends could not be believed."""
    old = await installation.ensure()
    await installation.lose_rows()
    ensured = await installation.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", installation.one.id)
    assert ensured.subscription_id != old.subscription_id
    assert installation.calls == ["create", "delete", "create"]
    assert await installation.believes(installation.one.client_state)


async def test_a_strangers_that_stands_in_the_way_is_replaced(installation):
    """Graph has one subscription per app, tenant and resource: 409, and it names the other."""
    elsewhere = f"{installation.public_url}/graph/lifecycle"
    async with installation.client() as client:
        await client.create_subscription(
            notification_url=elsewhere, lifecycle_url=elsewhere, client_state="s", expires=datetime.now(UTC) + HOUR
        )
    ensured = await installation.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", installation.one.id)
    assert installation.one.notification_url != elsewhere
    assert installation.calls == ["create", "delete", "create"]


async def test_of_several_at_our_door_one_is_kept_and_the_others_go(installation):
    ensured = await installation.ensure()
    for number in range(3):  # Graph would not allow them; a slip of its own is all it takes
        twin = type(installation.live[0])(
            **{**_fields(installation.live[0]), "id": f"{number}", "client_state": "unknown"}
        )
        installation.world.subscriptions.by_id[twin.id] = twin
    assert (await installation.ensure()).action == "kept"
    assert installation.one.id == ensured.subscription_id


def _fields(subscription):
    return {name: getattr(subscription, name) for name in subscription.__slots__}


async def test_one_that_cannot_be_deleted_does_not_keep_us_from_renewing(installation):
    ensured = await installation.ensure()
    twin = type(installation.one)(**{**_fields(installation.one), "id": "twin"})
    installation.one.expires = datetime.now(UTC) + HOUR
    installation.world.subscriptions.by_id["twin"] = twin
    installation.world.faults.add({"fault": "status", "status": 403, "match": {"method": "DELETE"}})
    again = await installation.ensure()
    assert (again.good, again.action, again.subscription_id) == (True, "renewed", ensured.subscription_id)


async def test_those_of_other_resources_are_left_alone(installation):
    await installation.ensure()
    other = type(installation.one)(
        **{**_fields(installation.one), "id": "other", "requested": installation.one.requested | {"resource": "/chats"}}
    )
    installation.world.subscriptions.by_id["other"] = other
    assert (await installation.ensure()).action == "kept"
    assert {one.id for one in installation.live} >= {"other"}


async def test_another_public_url_means_another_subscription(installation):
    old = await installation.ensure()
    moved = installation.public_url.replace("127.0.0.1", "localhost")
    ensured = await installation.ensure(public_url=moved)
    assert (ensured.action, ensured.subscription_id) == ("created", installation.one.id)
    assert installation.one.notification_url == f"{moved}/graph/notifications"
    assert installation.one.lifecycle_url == f"{moved}/graph/lifecycle"
    assert ensured.subscription_id != old.subscription_id
    assert (await installation.row()).subscription_id == ensured.subscription_id


async def test_a_crash_between_the_create_and_its_storing_is_healed(installation):
    await installation.ensure()
    lost = installation.one.client_state
    row = await installation.row()
    async with installation.database.begin() as db:
        await model.update_row(db, row.id, subscription_id=None, expires_at=None)
    ensured = await installation.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", installation.one.id)
    assert (await installation.row()).subscription_id == installation.one.id
    assert await installation.believes(lost)  # what Graph sent meanwhile may still be on its way


async def test_an_answer_that_never_came_is_healed(installation):
    """Graph made it, but its answer was cut off."""
    installation.world.faults.add(
        {"fault": "truncate", "match": {"method": "POST", "path": "subscriptions"}, "times": 1}
    )
    assert not (await installation.ensure()).good
    assert await installation.believes(installation.one.client_state)
    ensured = await installation.ensure()
    assert (ensured.good, ensured.subscription_id) == (True, installation.one.id)


async def test_two_replicas_at_once_make_one_subscription(installation):
    async with installation.ensures() as here, installation.ensures() as there:
        ensured = await asyncio.gather(*(each[installation.world.tenant_id]() for each in (here, there)))
    assert all(one.good for one in ensured)
    assert {one.subscription_id for one in ensured} == {installation.one.id}
    assert installation.calls == ["create"]


async def test_two_replicas_at_once_renew_it_once(installation):
    await installation.ensure()
    installation.one.expires = datetime.now(UTC) + HOUR
    async with installation.ensures() as here, installation.ensures() as there:
        ensured = await asyncio.gather(*(each[installation.world.tenant_id]() for each in (here, there)))
    assert all(one.good for one in some(ensured))
    assert installation.calls == ["create", "patch"]


async def test_what_ended_long_ago_is_forgotten(installation):
    await installation.ensure()
    row = await installation.row()
    async with installation.database.begin() as db:
        for days in (3, 8):
            ours, _ = await model.insert(db, row.tenant_id, "n", "l", row.created_at - timedelta(days=9))
            await model.update_row(db, ours, ended_at=datetime.now(UTC) - timedelta(days=days))
    await installation.ensure()
    assert len(await installation.rows()) == 2


async def test_a_process_lists_once_and_then_asks_for_its_own_subscription_alone(installation):
    """Graph allows few lists, for all tenants together, and many questions for one subscription."""
    async with installation.ensures() as ensures:
        ensure = ensures[installation.world.tenant_id]
        actions = [(await ensure()).action for _ in range(4)]
        assert actions == ["created", "kept", "kept", "kept"]
        assert installation.looked == (1, 3)
        ensure._clock = lambda: LIST_EVERY * 10
        assert (await ensure()).action == "kept"
        assert installation.looked == (2, 3)


async def test_one_that_vanished_is_noticed_without_a_list(installation):
    async with installation.ensures() as ensures:
        ensure = ensures[installation.world.tenant_id]
        await ensure()
        installation.world.clear_subscriptions()
        ensured = await ensure()
        assert (ensured.action, ensured.subscription_id, installation.looked[0]) == ("created", installation.one.id, 1)


async def test_one_that_is_renewed_needs_no_list(installation):
    async with installation.ensures() as ensures:
        ensure = ensures[installation.world.tenant_id]
        await ensure()
        installation.one.expires = datetime.now(UTC) + HOUR
        assert (await ensure()).action == "renewed"
        assert installation.looked[0] == 1


async def test_a_pass_lists_once_even_where_a_strangers_stands_in_the_way(installation):
    await test_a_strangers_that_stands_in_the_way_is_replaced(installation)
    assert installation.looked[0] == 1
