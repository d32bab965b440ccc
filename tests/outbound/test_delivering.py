"""Events reach their webhooks at least once, in order for each call, signed, until 2xx or for three days."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from app.outbound.delivery import queue
from app.outbound.delivery.retention import RetainDeliveries
from app.outbound.registry import deliveries, webhooks
from app.outbox.event import CALL_ARCHIVED, CALL_POOR, CALL_UPDATED
from tests.moving import move_time
from tests.some import some
from tests.waiting import until

pytestmark = pytest.mark.anyio

CALLS = [f"aaaaaaaa-0000-4000-8000-{number:012x}" for number in range(20)]


async def test_an_event_arrives_signed_with_ids_and_a_link(outbound, receiver):
    added = await outbound.add(receiver.url)
    await outbound.write(CALLS[0], version=2, quality="poor")
    await outbound.deliver().once()
    [one] = receiver.verified(added.secret)
    assert one.content["type"] == CALL_ARCHIVED
    assert one.content["data"]["href"] == f"https://calls.example.com/calls/{CALLS[0]}"
    assert (one.content["data"]["version"], one.content["data"]["quality"]) == (2, "poor")
    [row] = await outbound.deliveries(added.webhook_id)
    assert (row.state, row.attempts, row.last_status) == ("delivered", 1, 204)
    assert row.event_id == one.headers["webhook-id"]


async def test_events_are_written_only_for_webhooks_that_want_their_type_and_tenant(outbound, receiver):
    assert await outbound.write(CALLS[0]) == 0
    await outbound.add(receiver.url, kinds=[CALL_POOR])
    await outbound.add(receiver.url, tenants=["another-tenant"])
    assert await outbound.write(CALLS[0]) == 0
    assert await outbound.write(CALLS[0], kind=CALL_POOR) == 1
    both = await outbound.add(receiver.url)
    assert await outbound.write(CALLS[0], kind=CALL_POOR) == 2
    await outbound.do(webhooks.remove, both.webhook_id, None)
    assert await outbound.write(CALLS[0], kind=CALL_POOR) == 1


async def test_the_events_of_a_call_arrive_in_order_and_those_of_others_meanwhile(outbound, receiver):
    blocked = CALLS[0]
    refused = [blocked]
    receiver.answer = lambda one: 500 if one.subject in refused else 204
    added = await outbound.add(receiver.url)
    for kind in (CALL_ARCHIVED, CALL_UPDATED, CALL_POOR):
        await outbound.write(*CALLS[:20], kind=kind)
    await outbound.deliver().once()
    await move_time(outbound.database, seconds=2)  # the webhook's pause
    await outbound.deliver().once()
    assert blocked not in {one.subject for one in receiver.received}
    assert len(receiver.received) == 57
    refused.clear()
    await move_time(outbound.database, minutes=10)
    await outbound.deliver().once()
    for call in some(CALLS[:20]):
        of_call = [one.kind for one in receiver.verified(added.secret) if one.subject == call]
        assert of_call == [CALL_ARCHIVED, CALL_UPDATED, CALL_POOR]


async def test_two_processes_deliver_each_event_once_and_in_order(outbound, receiver):
    added = await outbound.add(receiver.url)
    for kind in (CALL_ARCHIVED, CALL_UPDATED):
        await outbound.write(*CALLS, kind=kind)
    await asyncio.gather(*(outbound.deliver(f"process-{number}").once() for number in range(2)))
    await outbound.deliver().once()  # what one process could not claim while the other one sent its predecessor
    arrived = [(one.subject, one.kind) for one in receiver.verified(added.secret)]
    assert len(arrived) == len(set(arrived)) == 40
    for call in some(CALLS):
        assert [kind for subject, kind in arrived if subject == call] == [CALL_ARCHIVED, CALL_UPDATED]


async def test_a_process_that_dies_after_sending_leaves_a_lease_that_ends(outbound, receiver):
    added = await outbound.add(receiver.url)
    await outbound.write(CALLS[0])
    async with outbound.database.begin() as db:
        assert len(await queue.claim(db, "a process that died", added.webhook_id, 10)) == 1
    await outbound.deliver().once()
    assert receiver.received == []
    await move_time(outbound.database, minutes=3)
    await outbound.deliver().once()
    assert len(receiver.verified(added.secret)) == 1


async def test_a_receiver_that_is_down_for_a_day_gets_every_event_afterwards(outbound, receiver):
    added = await outbound.add(receiver.url)
    await receiver.down()
    await outbound.write(*CALLS)
    for _ in range(24):
        await outbound.deliver().once()
        await move_time(outbound.database, hours=1)
    rows = await outbound.deliveries(added.webhook_id)
    assert {row.state for row in rows} == {"pending"}
    assert (await outbound.webhook(added.webhook_id)).failing_since is not None
    assert sum(row.attempts for row in rows) < 100  # one attempt of each, then one at a time to look
    await receiver.up()
    for _ in range(3):  # a look, then what is due, then what was attempted last
        await outbound.deliver().once()
        await move_time(outbound.database, hours=15)
    assert {one.subject for one in receiver.received} == set(CALLS)
    assert (await outbound.webhook(added.webhook_id)).failing_since is None


async def test_after_three_days_a_delivery_has_failed_and_can_be_replayed(outbound, receiver):
    receiver.answer = lambda _: 500
    added = await outbound.add(receiver.url)
    await outbound.write(CALLS[0])
    for _ in range(20):
        await outbound.deliver().once()
        await move_time(outbound.database, hours=5)
    [row] = await outbound.deliveries(added.webhook_id)
    assert (row.state, row.last_status, row.last_error) == ("failed", 500, "HTTP 500")
    webhook = await outbound.webhook(added.webhook_id)
    assert (webhook.state, webhook.reason) == ("disabled", "no delivery has succeeded for 3 days: HTTP 500")
    assert await outbound.write(CALLS[1]) == 0  # nothing more is written for it

    receiver.answer = lambda _: 204
    await outbound.do(webhooks.enable, added.webhook_id, None)
    assert await outbound.do(deliveries.replay, added.webhook_id) == 1
    await outbound.deliver().once()
    [one] = receiver.verified(added.secret)
    assert one.headers["webhook-id"] == row.event_id


async def test_410_disables_a_webhook_and_its_events_are_given_up(outbound, receiver):
    receiver.answer = lambda _: 410
    added = await outbound.add(receiver.url)
    await outbound.write(CALLS[0], CALLS[1])
    await outbound.deliver().once()
    webhook = await outbound.webhook(added.webhook_id)
    assert (webhook.state, webhook.reason) == ("disabled", "HTTP 410: the receiver wants no more events")
    await RetainDeliveries(outbound.database, holder="tests").once()
    assert {row.state for row in await outbound.deliveries(added.webhook_id)} == {"failed"}


async def test_retry_after_is_waited_for(outbound, receiver):
    receiver.answer = lambda _: web.Response(status=503, headers={"Retry-After": "3600"})
    added = await outbound.add(receiver.url)
    await outbound.write(CALLS[0])
    await outbound.deliver().once()
    receiver.answer = lambda _: 204
    await move_time(outbound.database, minutes=50)
    await outbound.deliver().once()
    assert receiver.received == []
    await move_time(outbound.database, minutes=11)
    await outbound.deliver().once()
    assert len(receiver.verified(added.secret)) == 1


async def test_a_redirect_is_not_followed_and_an_endless_answer_not_read(outbound, receiver):
    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    redirect = web.Response(status=307, headers={"Location": f"{receiver.url}/elsewhere"})
    receiver.answer = lambda one: redirect if one.kind == CALL_ARCHIVED else 204
    added = await outbound.add(receiver.url)
    await outbound.write(CALLS[0])
    await outbound.deliver().once()
    assert receiver.received == []
    [row] = await outbound.deliveries(added.webhook_id)
    assert row.last_error == "HTTP 307: a redirect, which is never followed"

    app = web.Application()
    app.router.add_post("/calls", endless)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    other = await outbound.add(f"http://127.0.0.1:{port}/calls", kinds=[CALL_POOR])
    await outbound.write(CALLS[1], kind=CALL_POOR)
    await outbound.deliver().once()
    assert [row.state for row in await outbound.deliveries(other.webhook_id)] == ["delivered"]
    await runner.cleanup()


async def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(outbound, receiver):
    """The URL was accepted when loopback was allowed; the address is checked again for each connection."""
    added = await outbound.add(receiver.url.replace("127.0.0.1", "localhost"))
    await outbound.write(CALLS[0])
    strict = outbound.deliver()
    strict._reach = strict._reach._replace(allowed=())
    await strict.once()
    assert receiver.received == []
    [row] = await outbound.deliveries(added.webhook_id)
    assert "WEBHOOK_ALLOW does not list" in row.last_error
    await move_time(outbound.database, minutes=1)
    await outbound.deliver().once()
    assert len(receiver.received) == 1


async def test_both_secrets_sign_for_a_day_after_a_rotation(outbound, receiver):
    added = await outbound.add(receiver.url)
    new = await outbound.do(webhooks.rotate, added.webhook_id, None, datetime.now(UTC))
    await outbound.write(CALLS[0])
    await outbound.deliver().once()
    assert receiver.verified(added.secret) == receiver.verified(new)
    await move_time(outbound.database, hours=25)
    await outbound.write(CALLS[1])
    await outbound.deliver().once()
    assert len(receiver.verified(new)) == 2
    assert len(receiver.received[1].headers["webhook-signature"].split()) == 1


async def test_a_process_that_is_stopped_gives_its_deliveries_back(outbound, receiver):
    gate = asyncio.Event()

    async def wait(_request):
        gate.set()
        await asyncio.Event().wait()

    app = web.Application()
    app.router.add_post("/calls", wait)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    added = await outbound.add(f"http://127.0.0.1:{runner.addresses[0][1]}/calls")
    await outbound.write(CALLS[0])
    running = asyncio.create_task(outbound.deliver().run())
    await until(gate.is_set)
    running.cancel()
    await asyncio.wait([running])
    [row] = await outbound.deliveries(added.webhook_id)
    assert (row.state, row.attempts, row.claimed_by) == ("pending", 0, None)
    assert row.due_at <= datetime.now(UTC) + timedelta(seconds=1)
    await runner.cleanup()


async def test_old_deliveries_and_those_of_removed_webhooks_are_deleted(outbound, receiver):
    kept, removed = [await outbound.add(receiver.url) for _ in range(2)]
    await outbound.write(CALLS[0])
    await outbound.deliver().once()
    retain = RetainDeliveries(outbound.database, holder="tests")
    assert await retain.once() == 0
    await outbound.do(webhooks.remove, removed.webhook_id, None)
    assert await retain.once() == 1
    await move_time(outbound.database, days=8)
    assert await retain.once() == 1
    assert await outbound.deliveries(kept.webhook_id) == []


async def test_a_caller_of_some_tenants_sees_only_webhooks_of_these(outbound, receiver):
    ours = await outbound.add(receiver.url, tenants=["a"])
    for tenants in (None, ["a", "b"], ["b"]):
        await outbound.add(receiver.url, tenants=tenants)
    async with outbound.database.reading() as db:
        assert [row.id for row in await webhooks.listed(db, ["a"])] == [ours.webhook_id]
        assert len(await webhooks.listed(db, None)) == 4


async def test_two_administrators_change_webhooks_at_once(outbound, receiver):
    first, second = [await outbound.add(receiver.url) for _ in range(2)]
    both_have_read = asyncio.Barrier(2)

    async def disabled(webhook_id):
        async with outbound.database.begin() as db:
            await webhooks.find(db, webhook_id, None)
            if outbound.database.dialect == "postgresql":  # SQLite has one writer at a time
                await both_have_read.wait()
            await webhooks.disable(db, webhook_id, "by an administrator")

    await asyncio.gather(*(disabled(one.webhook_id) for one in (first, second)))
    rows = [await outbound.webhook(one.webhook_id) for one in (first, second)]
    assert [row.state for row in rows] == ["disabled"] * 2
    assert rows[0].revision != rows[1].revision
