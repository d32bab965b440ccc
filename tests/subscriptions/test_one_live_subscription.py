"""ensure: whatever is found at Graph and here, one live subscription comes of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.subscriptions import model
from app.subscriptions.ensure import LIST_EVERY

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


async def test_without_any_one_is_made_while_our_own_door_answers_graph(scene):
    ensured = await scene.ensure()
    assert (ensured.good, ensured.action, ensured.subscription_id) == (True, "created", scene.one.id)
    assert scene.one.notification_url == f"{scene.public_url}/graph/notifications"
    assert scene.one.lifecycle_url == f"{scene.public_url}/graph/lifecycle"
    assert (scene.one.asked["changeType"], scene.one.asked["resource"]) == ("updated", "/communications/callRecords")
    assert timedelta(minutes=4190) < scene.one.expires - datetime.now(UTC) <= timedelta(minutes=4200)
    row = await scene.row()
    assert (row.subscription_id, row.expires_at) == (scene.one.id, scene.one.expires)
    assert row.client_state_sha256 == model.hashed(scene.one.client_state)


async def test_twice_is_once(scene):
    first = await scene.ensure()
    for _ in range(3):
        again = await scene.ensure()
        assert (again.good, again.action, again.subscription_id) == (True, "kept", first.subscription_id)
    assert scene.calls == ["create"]
    assert len(await scene.rows()) == 1


async def test_one_that_ends_soon_is_renewed_by_one_patch_and_the_end_graph_gave_is_stored(scene):
    await scene.ensure()
    scene.one.expires = datetime.now(UTC) + 40 * HOUR
    scene.world.change_settings({"shortest_subscription_min": 4225.0})  # Graph gives more than we ask for
    ensured = await scene.ensure()
    assert (ensured.action, scene.calls) == ("renewed", ["create", "patch"])
    assert scene.one.expires - datetime.now(UTC) > timedelta(minutes=4220)
    assert (await scene.row()).expires_at == ensured.expires_at == scene.one.expires
    assert (await scene.ensure()).action == "kept"


async def test_the_end_is_what_graph_says_and_not_what_is_written_here(scene):
    await scene.ensure()
    scene.one.expires = datetime.now(UTC) + 60 * HOUR
    assert (await scene.ensure()).action == "kept"
    assert (await scene.row()).expires_at == scene.one.expires


async def test_one_that_vanished_at_graph_is_made_again_and_the_gap_is_marked(scene):
    old = await scene.ensure()
    swept = datetime.now(UTC) - 5 * HOUR
    await scene.mark_tenant(reconciled_at=swept, gap_since=None)
    scene.world.clear_subscriptions()
    ensured = await scene.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", scene.one.id)
    assert ensured.subscription_id != old.subscription_id
    assert (await scene.tenant()).gap_since == swept
    assert (await scene.row()).subscription_id == scene.one.id


async def test_the_first_one_marks_a_gap_of_thirty_days(scene):
    await scene.ensure()
    gap = (await scene.tenant()).gap_since
    assert abs(datetime.now(UTC) - timedelta(days=30) - gap) < timedelta(minutes=1)


async def test_one_that_is_gone_when_it_is_patched_is_made_again(scene):
    old = await scene.ensure()
    scene.one.expires = datetime.now(UTC) + HOUR
    scene.world.faults.add({"fault": "status", "status": 404, "match": {"method": "PATCH"}, "times": 1})
    ensured = await scene.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", scene.one.id)
    assert ensured.subscription_id != old.subscription_id


async def test_ours_whose_row_is_lost_is_replaced(scene):
    """Its client state is lost with the row: what it sends could not be believed."""
    old = await scene.ensure()
    await scene.lose_rows()
    ensured = await scene.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", scene.one.id)
    assert ensured.subscription_id != old.subscription_id
    assert scene.calls == ["create", "delete", "create"]
    assert await scene.believes(scene.one.client_state)


async def test_a_strangers_that_stands_in_the_way_is_replaced(scene):
    """Graph has one subscription per app, tenant and resource: 409, and it names the other."""
    elsewhere = f"{scene.public_url}/graph/lifecycle"
    async with scene.client() as client:
        await client.create_subscription(
            notification_url=elsewhere, lifecycle_url=elsewhere, client_state="s", expires=datetime.now(UTC) + HOUR
        )
    ensured = await scene.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", scene.one.id)
    assert scene.one.notification_url != elsewhere
    assert scene.calls == ["create", "delete", "create"]


async def test_of_several_at_our_door_one_is_kept_and_the_others_go(scene):
    ensured = await scene.ensure()
    for number in range(3):  # Graph would not allow them; a slip of its own is all it takes
        twin = type(scene.live[0])(**{**_fields(scene.live[0]), "id": f"{number}", "client_state": "unknown"})
        scene.world.subscriptions.by_id[twin.id] = twin
    assert (await scene.ensure()).action == "kept"
    assert scene.one.id == ensured.subscription_id


def _fields(subscription):
    return {name: getattr(subscription, name) for name in subscription.__slots__}


async def test_one_that_cannot_be_deleted_does_not_keep_us_from_renewing(scene):
    ensured = await scene.ensure()
    twin = type(scene.one)(**{**_fields(scene.one), "id": "twin"})
    scene.one.expires = datetime.now(UTC) + HOUR
    scene.world.subscriptions.by_id["twin"] = twin
    scene.world.faults.add({"fault": "status", "status": 403, "match": {"method": "DELETE"}})
    again = await scene.ensure()
    assert (again.good, again.action, again.subscription_id) == (True, "renewed", ensured.subscription_id)


async def test_those_of_other_resources_are_left_alone(scene):
    await scene.ensure()
    other = type(scene.one)(**{**_fields(scene.one), "id": "other", "asked": scene.one.asked | {"resource": "/chats"}})
    scene.world.subscriptions.by_id["other"] = other
    assert (await scene.ensure()).action == "kept"
    assert {one.id for one in scene.live} >= {"other"}


async def test_another_public_url_means_another_subscription(scene):
    old = await scene.ensure()
    moved = scene.public_url.replace("127.0.0.1", "localhost")
    ensured = await scene.ensure(public_url=moved)
    assert (ensured.action, ensured.subscription_id) == ("created", scene.one.id)
    assert scene.one.notification_url == f"{moved}/graph/notifications"
    assert scene.one.lifecycle_url == f"{moved}/graph/lifecycle"
    assert ensured.subscription_id != old.subscription_id
    assert (await scene.row()).subscription_id == ensured.subscription_id


async def test_a_crash_between_the_create_and_its_storing_is_healed(scene):
    await scene.ensure()
    lost = scene.one.client_state
    row = await scene.row()
    async with scene.database.begin() as db:
        await model.mark(db, row.id, subscription_id=None, expires_at=None)
    ensured = await scene.ensure()
    assert (ensured.action, ensured.subscription_id) == ("created", scene.one.id)
    assert (await scene.row()).subscription_id == scene.one.id
    assert await scene.believes(lost)  # what Graph sent meanwhile may still be on its way


async def test_an_answer_that_never_came_is_healed(scene):
    """Graph made it, but its answer was cut off."""
    scene.world.faults.add({"fault": "truncate", "match": {"method": "POST", "path": "subscriptions"}, "times": 1})
    assert not (await scene.ensure()).good
    assert await scene.believes(scene.one.client_state)
    ensured = await scene.ensure()
    assert (ensured.good, ensured.subscription_id) == (True, scene.one.id)


async def test_two_replicas_at_once_make_one_subscription(scene):
    async with scene.ensures() as here, scene.ensures() as there:
        ensured = await asyncio.gather(*(each[scene.world.tenant_id]() for each in (here, there)))
    assert all(one.good for one in ensured)
    assert {one.subscription_id for one in ensured} == {scene.one.id}
    assert scene.calls == ["create"]


async def test_two_replicas_at_once_renew_it_once(scene):
    await scene.ensure()
    scene.one.expires = datetime.now(UTC) + HOUR
    async with scene.ensures() as here, scene.ensures() as there:
        ensured = await asyncio.gather(*(each[scene.world.tenant_id]() for each in (here, there)))
    assert all(one.good for one in ensured)
    assert scene.calls == ["create", "patch"]


async def test_what_ended_long_ago_is_forgotten(scene):
    await scene.ensure()
    row = await scene.row()
    async with scene.database.begin() as db:
        for days in (3, 8):
            ours, _ = await model.begin(db, row.tenant_id, "n", "l", row.created_at - timedelta(days=9))
            await model.mark(db, ours, ended_at=datetime.now(UTC) - timedelta(days=days))
    await scene.ensure()
    assert len(await scene.rows()) == 2


async def test_a_process_lists_once_and_then_asks_for_its_own_subscription_alone(scene):
    """Graph allows few lists, for all tenants together, and many questions for one subscription."""
    async with scene.ensures() as ensures:
        ensure = ensures[scene.world.tenant_id]
        actions = [(await ensure()).action for _ in range(4)]
        assert actions == ["created", "kept", "kept", "kept"]
        assert scene.looked == (1, 3)
        ensure._clock = lambda: LIST_EVERY * 10
        assert (await ensure()).action == "kept"
        assert scene.looked == (2, 3)


async def test_one_that_vanished_is_noticed_without_a_list(scene):
    async with scene.ensures() as ensures:
        ensure = ensures[scene.world.tenant_id]
        await ensure()
        scene.world.clear_subscriptions()
        ensured = await ensure()
        assert (ensured.action, ensured.subscription_id, scene.looked[0]) == ("created", scene.one.id, 1)


async def test_one_that_is_renewed_needs_no_list(scene):
    async with scene.ensures() as ensures:
        ensure = ensures[scene.world.tenant_id]
        await ensure()
        scene.one.expires = datetime.now(UTC) + HOUR
        assert (await ensure()).action == "renewed"
        assert scene.looked[0] == 1


async def test_a_pass_lists_once_even_where_a_strangers_stands_in_the_way(scene):
    await test_a_strangers_that_stands_in_the_way_is_replaced(scene)
    assert scene.looked[0] == 1
