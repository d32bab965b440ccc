"""The calls of the demo: they wait for a subscription, then every kind of call arrives."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from app.simulator import demo_world

pytestmark = pytest.mark.anyio
STEPS = 14


@pytest.fixture
async def playing(world):
    task = asyncio.create_task(demo_world.play(world, pace=0.001, days=3))
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_no_notification_before_a_subscription_exists_but_earlier_days_are_listed(client, world, playing):
    await asyncio.sleep(0)
    page = await client.get("/v1.0/communications/callRecords")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = {(midnight - datetime.fromisoformat(call["startDateTime"])).days for call in page["value"]}
    assert days == {0, 1}  # whole days before midnight: yesterday and the day before
    assert world.journal.counts["notifications_sent"] == 0


async def test_the_morning_brings_a_large_meeting_a_second_version_and_then_a_trickle(
    subscribe, receiver, world, playing
):
    await subscribe()
    await receiver.holds(STEPS + 3)
    versions = [each["version"] for each in world.listed_records()]
    sizes = [len(each[-1].sessions) for each in world.records_of(world.tenant_id).versions.values()]
    assert max(sizes) > 400
    assert max(versions) == 2


async def test_a_few_of_the_large_meeting_have_bad_wifi(world):
    meeting = demo_world.Scenario(world, 1.0).new_document("meeting")
    bands = [session["segments"][0]["media"][0]["callerNetwork"]["wifiBand"] for session in meeting["sessions"]]
    ratings = [session["caller"]["feedback"]["rating"] for session in meeting["sessions"]]
    assert bands.count("frequency24GHz") == 7
    assert sum(rating in {"bad", "poor"} for rating in ratings) == 7


async def test_a_person_who_joins_again_had_left_before(world):
    meeting = demo_world.Scenario(world, 1.0).new_document("meeting")
    first, again = meeting["sessions"][0], meeting["sessions"][400]
    assert first["caller"]["associatedIdentity"]["id"] == again["caller"]["associatedIdentity"]["id"]
    assert first["endDateTime"] < again["startDateTime"] < again["endDateTime"]


async def test_one_record_is_refused_once(client, world):
    demo_world.Scenario(world, 1.0).refused()
    (record,) = world.listed_records()
    path = f"/v1.0/communications/callRecords/{record['id']}"
    assert [(await client.ask("GET", path))[0] for _ in range(2)] == [403, 200]


async def test_the_morning_has_a_queue_call_a_masked_number_a_guest_and_a_person_missing_in_the_list(world):
    async for _ in demo_world.Scenario(world, 0.001).morning():
        pass
    documents = [world.document(each["id"]) for each in world.listed_records()]
    texts = [str(document) for document in documents]
    assert any("skypeForBusinessCallQueues" in text for text in texts)
    assert any("****" in text for text in texts)
    assert any(person["identity"]["guest"] for document in documents for person in document["participants_v2"])
    assert any(missing_people(document) for document in documents if "CallQueues" not in str(document))


def missing_people(document):
    """The ids in sessions that participants_v2 lacks."""
    listed = {person["id"] for person in document["participants_v2"]}
    ends = [session[end].get("associatedIdentity") for session in document["sessions"] for end in ("caller", "callee")]
    return [each["id"] for each in ends if each and each["id"] not in listed]
