"""Lists of subscriptions of all tenants together stay inside Graph's rate."""

import asyncio

import pytest

from app.graph.transport.spacing import Spacing

pytestmark = pytest.mark.anyio

PER_TENANT, PER_APPLICATION, SPAN = 25, 40, 20.0  # Graph's limits, seconds


class Time:
    def __init__(self):
        self.now = 100.0

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        await asyncio.sleep(0)
        self.now += seconds


async def test_the_first_caller_waits_for_nothing_and_any_number_stay_inside_the_rate():
    time, sent = Time(), []

    async def sleep(seconds):
        sent.append(time.now + seconds)

    spacing = Spacing(clock=time.clock, sleep=sleep)
    await spacing.turn()
    assert sent == []
    await asyncio.gather(*(spacing.turn() for _ in range(100)))
    times = [time.now, *sent]
    for begin in times:
        assert sum(begin <= at < begin + SPAN for at in times) <= PER_TENANT
    time.now += 1000
    sent.clear()
    await spacing.turn()
    assert sent == []


async def test_the_clients_of_all_tenants_wait_for_one_another(graph, client_with):
    time = Time()
    spacing = Spacing(clock=time.clock, sleep=time.sleep)
    graph.on("/v1.0/subscriptions", {"value": []})
    for tenant_id in ("a", "b", "c"):
        assert await client_with(tenant_id=tenant_id, lists=spacing).subscriptions() == []
    assert (time.now, len(graph.asked)) == (102.0, 3)
