"""A stop in order: what can be finished is stored, the rest is due at once, and nothing is lost."""

import signal
from datetime import datetime

import pytest

from app.fetch.worker import GRACE
from app.inbox import rows
from app.simulator.records import a_call_record
from tests.flow.hands import seconds_until
from tests.flow.service import NO_SWEEPS
from tests.moving import move_time
from tests.some import some
from tests.waiting import until

pytestmark = pytest.mark.anyio


def put_slow(world, count, *, seconds):
    world.faults.add(NO_SWEEPS)
    calls = [world.put(a_call_record()).id for _ in range(count)]
    world.faults.add({"fault": "slow", "seconds": seconds, "match": {"path": "|".join(calls)}})
    return calls


async def all_claimed(hands):
    return all(row.claimed_by for row in (await due(hands.database)).values())


def seconds_between(program, *names):
    """By the times in its log: what a busy machine adds before and after does not count."""
    begun, ended = (datetime.fromisoformat(program.events(name)[0]["timestamp"]) for name in names)
    return (ended - begun).total_seconds()


async def work_off(hands):
    while await hands.work():
        pass
    assert await due(hands.database) == {}


async def due(database):
    async with database.reading() as db:
        return {row.call_id: row for row in await rows.rows(db, limit=1000)}


async def test_a_stop_gives_back_what_it_cannot_finish_and_stores_what_it_can(hands, world, start, database_url):
    """SIGTERM to `serve`, SIGINT to `worker`, each with fetches under way that take longer than anybody waits."""
    quick, slow = put_slow(world, 3, seconds=1), put_slow(world, 12, seconds=60)
    await hands.notice(*quick, *slow[:6])
    service = start("serve", "--port", "0", "--no-renewal", database_url=database_url)
    await until(lambda: world.journal.open >= 9, details=service.text)
    service.send(signal.SIGTERM)
    await until(lambda: service.events("stopping"), details=service.text)  # it claims nothing more: the worker must
    worker = start("worker", database_url=database_url)
    await hands.notice(*slow[6:])
    await until(lambda: all_claimed(hands), details=worker.text)
    worker.send(signal.SIGINT)
    assert await service.ended() == 0
    assert await worker.ended() == 0
    left = await due(hands.database)
    assert set(left) == set(slow)
    for row in left.values():
        assert (row.state, row.claimed_by, row.attempts) == ("due", None, 0)
        assert seconds_until(row.due_at) < 0
    world.faults.clear()
    await work_off(hands)


@pytest.mark.parametrize(("command", "number"), [("serve", signal.SIGINT), ("worker", signal.SIGTERM)])
async def test_a_stop_waits_for_fetches_that_are_soon_done_and_no_longer(
    hands, world, start, database_url, command, number
):
    calls = put_slow(world, 5, seconds=1)
    await hands.notice(*calls)
    program = start(command, *(["--port", "0"] if command == "serve" else []), database_url=database_url)
    await until(lambda: world.journal.open >= 5, details=program.text)
    program.send(number)
    assert await program.ended() == 0
    assert seconds_between(program, "stopping", "worker_stopped") < GRACE
    assert await due(hands.database) == {}
    assert all([await hands.held(call_id) for call_id in some(calls)])


async def test_a_killed_process_loses_nothing_it_had_claimed(hands, world, start, database_url):
    calls = put_slow(world, 12, seconds=60)
    await hands.notice(*calls)
    program = start("worker", database_url=database_url, WORKER_CONCURRENCY=8)
    await until(lambda: world.journal.open >= 8, details=program.text)
    await program.kill()
    world.faults.clear()
    assert await hands.work() == 0
    await move_time(hands.database, minutes=2, seconds=1)
    await work_off(hands)
    assert all([await hands.held(call_id) for call_id in some(calls)])


async def test_requests_under_way_are_answered_before_the_service_ends(serve, database_url):
    service = await serve("--no-renewal", database_url=database_url)
    assert (await service.get("/api/calls")).json()["items"] == []
    service.program.send(signal.SIGTERM)
    assert await service.program.ended() == 0
    names = [event["event"] for event in service.program.events()]
    assert names.index("serving") < names.index("stopping") < names.index("worker_stopped")
