"""Two `serve` and two `worker` on one PostgreSQL: one subscription, and no record fetched twice for one notice."""

from collections import Counter
from datetime import timedelta

import pytest

from app.simulator.records import a_call_record
from tests.flow.service import NO_SWEEPS, free_port
from tests.moving import move_time
from tests.some import some
from tests.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture
async def house(serve, start, database_url):
    """Two services behind one public address, two workers beside them."""
    port = free_port()
    options = {"database_url": database_url, "PUBLIC_URL": f"http://127.0.0.1:{port}", "RENEW_EVERY": "1s"}
    workers = [start("worker", **options) for _ in range(2)]
    services = [await serve("--no-worker", port=port, wait=False, **options)]
    services.append(await serve("--no-worker", wait=False, **options))
    for service in services:
        await service.listens()
    return services, workers


async def test_they_make_one_subscription_and_renew_it_once(house, world):
    services, _ = house
    await all_have_looked(services, 1)
    assert calls(world) == {"create": 1}
    for one in world.subscriptions.live():
        one.expires = world.now() + timedelta(hours=10)
    await until(lambda: calls(world)["patch"])
    await all_have_looked(services, 3)
    assert calls(world) == {"create": 1, "patch": 1}
    assert len(world.subscriptions.live()) == 1
    assert world.journal.violations == []


def calls(world):
    return Counter(call["call"] for call in world.journal.subscription_calls)


async def all_have_looked(services, times):
    """After the subscription so often that, had one of them anything to change, it would have."""
    before = [len(looks(service)) for service in services]
    await until(lambda: all(len(looks(s)) >= b + times for s, b in zip(services, before, strict=True)))


def looks(service):
    return [event for event in service.program.events() if event["event"].startswith("subscription_")]


async def test_no_record_is_fetched_twice_for_one_notice(house, world):
    services, workers = house
    world.change_settings({"expand_relations": "both"})  # a fetch is then one request
    world.faults.add(NO_SWEEPS)
    await world.subscriptions.first.wait()
    calls = [world.put(a_call_record()).id for _ in range(150)]
    await services[1].holds(calls)
    assert set(world.journal.record_gets.values()) == {1}
    assert world.journal.counts["notifications_delivered"] == 150
    assert await services[0].inbox() == []
    assert all(worker.status is None for worker in some(workers))


async def test_what_a_killed_worker_had_claimed_the_other_one_fetches(house, world, database):
    services, (first, second) = house
    world.faults.add(NO_SWEEPS)
    await world.subscriptions.first.wait()
    world.faults.add({"fault": "slow", "seconds": 3600, "match": {"path": "callRecords/"}})
    calls = [world.put(a_call_record()).id for _ in range(80)]
    await until(lambda: world.journal.open >= 32)  # both have their hands full
    await first.kill()
    world.faults.clear()
    world.faults.add(NO_SWEEPS)
    await until(lambda: world.journal.open == 0)
    assert len(await services[0].inbox()) >= 16
    assert second.status is None
    await move_time(database, minutes=2, seconds=1)
    await services[0].holds(calls)
    await services[0].has_nothing_due()
