"""Which notifications are sent, to which subscriptions, how often, and the retries after a failure."""

import re

import pytest

from app.simulator.records import a_call_record

pytestmark = pytest.mark.anyio
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def call_id_of(item):
    """The call id of a change notification, in whatever form Graph wrote it."""
    return GUID.search(f"{item['resource']} {item.get('resourceData')}".lower())[0]


async def idle(world):
    """Wait until no notification is being sent or waiting for a retry."""
    while not world.delivery.idle:
        await next(iter(world.delivery.tasks))


async def test_a_readable_record_is_notified(subscribe, receiver, world):
    made = await subscribe()
    world.change_settings({"notification_forms": "documented"})
    call_id = world.put(a_call_record()).id
    [item] = await receiver.holds(1)
    assert item["subscriptionId"] == made["id"]
    assert (item["clientState"], item["changeType"]) == ("between us", "updated")
    assert item["tenantId"] == world.tenant_id
    assert item["resourceData"]["id"] == call_id
    assert item["resource"].lower().strip("/") == f"communications/callrecords/{call_id}"
    assert "version" not in item["resourceData"]


async def test_spelling_varies_as_graphs_does(subscribe, receiver, world):
    world.change_settings({"notification_forms": "documented"})
    await subscribe()
    await world.make_calls(count=40)
    items = await receiver.holds(40)
    assert len({item["resource"].rpartition("/")[0] for item in items}) == 4
    assert len({item["resourceData"]["@odata.type"] for item in items}) == 3
    assert {"id" in item for item in items} == {True, False}


@pytest.mark.parametrize(
    ("change_type", "notified"),
    [("created", ["created"]), ("updated", ["updated"] * 2), ("created,updated", ["created", *["updated"] * 2])],
)
async def test_created_is_sent_for_the_first_version_and_updated_for_all(
    subscribe, receiver, world, change_type, notified
):
    await subscribe(changeType=change_type)
    world.bump(world.put(a_call_record()).id)
    await receiver.holds(len(notified))
    await idle(world)
    assert sorted(item["changeType"] for item in receiver.items) == notified


async def test_items_travel_together_up_to_the_batch_size(subscribe, receiver, world):
    world.change_settings({"batch_size": 4})
    await subscribe()
    for _ in range(10):
        world.put(a_call_record())
    await receiver.holds(10)
    assert len(receiver.bodies) == 3


async def test_a_refused_notification_is_retried_until_it_is_accepted(subscribe, receiver, world):
    receiver.answers = [503, 500, 404]
    await subscribe()
    world.put(a_call_record())
    await receiver.holds(1)
    await idle(world)
    assert len(set(receiver.bodies)) == 1
    assert len(receiver.bodies) == 4
    assert world.journal.counts["notifications_delivered"] == 1
    assert world.journal.counts["notification_posts_failed"] == 3


async def test_after_four_hours_a_notification_is_given_up(subscribe, receiver, world):
    world.change_settings({"retry_for_s": 0})
    receiver.answers = [503, 503]
    await subscribe()
    world.put(a_call_record())
    await idle(world)
    assert receiver.items == []
    assert world.journal.counts["notifications_given_up"] == 1


async def test_no_retry_for_a_deleted_subscription(subscribe, receiver, world, client):
    world.change_settings({"retry_base_s": 0.05})
    receiver.answers = [503]
    await subscribe()
    world.put(a_call_record())
    async with receiver.changed:
        await receiver.changed.wait_for(lambda: receiver.bodies)
    world.clear_subscriptions()
    await idle(world)
    assert receiver.items == []


async def test_lost_ones_are_never_sent_and_the_next_are(subscribe, receiver, world):
    await subscribe()
    world.lose(2)
    ids = [world.put(a_call_record()).id for _ in range(3)]
    await receiver.holds(1)
    await idle(world)
    assert [call_id_of(item) for item in receiver.items] == ids[2:]
    assert world.journal.counts["notifications_lost"] == 2


async def test_duplicates_are_identical(subscribe, receiver, world):
    await subscribe()
    world.put(a_call_record(), duplicates=2)
    items = await receiver.holds(3)
    assert items[0] == items[1] == items[2]


async def test_a_late_record_is_notified_when_readable_and_an_early_notification_comes_before(
    client, subscribe, receiver, world
):
    await subscribe()
    late = world.put(a_call_record(), visible_after_s=0.05).id
    early = world.put(a_call_record(), visible_after_s=60, notify_after_s=0).id
    first, second = await receiver.holds(2)
    assert [call_id_of(first), call_id_of(second)] == [early, late]
    paths = [f"/v1.0/communications/callRecords/{each}" for each in (late, early)]
    assert [(await client.ask("GET", path))[0] for path in paths] == [200, 404]


async def test_other_tenants_and_quiet_records_are_not_notified(subscribe, receiver, world):
    await subscribe()
    world.put(a_call_record(), tenant_id="00000000-0000-4000-8000-000000000009")
    world.put(a_call_record(), notify=False)
    await idle(world)
    assert receiver.bodies == []


async def test_a_filter_on_a_participant_selects_the_notified_calls(subscribe, receiver, world):
    wanted, other = a_call_record(), a_call_record()
    person = wanted["participants_v2"][0]["id"]
    resource = f"/communications/callRecords?$filter=participants/any(p:p/id eq '{person}')"
    await subscribe(resource=resource)
    world.put(other)
    world.put(wanted)
    [item] = await receiver.holds(1)
    await idle(world)
    assert (call_id_of(item), len(receiver.items)) == (wanted["id"], 1)


async def test_lifecycle_events_carry_no_resource(subscribe, receiver, world):
    made = await subscribe()
    assert world.lifecycle("reauthorizationRequired") == 1
    [item] = await receiver.holds(1)
    assert item["lifecycleEvent"] == "reauthorizationRequired"
    assert {"resource", "changeType", "resourceData"}.isdisjoint(item)
    assert (item["subscriptionId"], item["clientState"]) == (made["id"], "between us")


async def test_a_removed_subscription_is_notified_and_deleted(subscribe, receiver, world):
    made = await subscribe()
    world.lifecycle("subscriptionRemoved", made["id"])
    await receiver.holds(1)
    assert world.subscriptions.live() == []


async def test_a_forged_body_is_sent_unchanged(subscribe, receiver, world):
    await subscribe()
    answers = await world.notify_raw(b'{"value": [], "odd": 1}')
    assert receiver.bodies == [b'{"value": [], "odd": 1}']
    assert [each["status"] for each in answers] == [202]
