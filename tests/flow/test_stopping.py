"""A stop in order: what can be finished is stored, the rest is due at once, and nothing is lost."""

import signal

import pytest

from app.inbox import rows
from app.simulator.records import a_call_record
from tests.flow.waiting import until
from tests.moving import move_time

pytestmark = pytest.mark.anyio

COMMANDS = [("serve", signal.SIGTERM), ("serve", signal.SIGINT), ("worker", signal.SIGTERM), ("worker", signal.SIGINT)]


async def due(database):
    async with database.reading() as db:
        return {row.call_id: row for row in await rows.rows(db, limit=1000)}


@pytest.mark.parametrize(("command", "number"), COMMANDS)
async def test_a_stop_gives_back_what_it_cannot_finish(hands, world, start, database_url, command, number):
    quick = [world.put(a_call_record()).id for _ in range(3)]
    slow = [world.put(a_call_record()).id for _ in range(6)]
    world.faults.add({"fault": "slow", "seconds": 1, "match": {"path": "|".join(quick)}})
    world.faults.add({"fault": "slow", "seconds": 60, "match": {"path": "|".join(slow)}})
    await hands.notice(*quick, *slow)
    before = await due(hands.database)
    options = ["--port", "0", "--no-renewal"] if command == "serve" else []
    program = start(command, *options, database_url=database_url, WORKER_CONCURRENCY=8)
    await until(lambda: world.journal.open >= 8, told=program.text)
    program.send(number)
    assert await program.ended(seconds=10) == 0
    left = await due(hands.database)
    assert set(left) == set(slow)
    for call_id, row in left.items():
        assert (row.state, row.claimed_by, row.attempts, row.notices) == ("due", None, 0, 1)
        assert row.deadline == before[call_id].deadline
    world.faults.clear()
    assert await hands.work() == len(slow)
    assert await due(hands.database) == {}


async def test_a_killed_process_loses_nothing_it_had_claimed(hands, world, start, database_url):
    calls = [world.put(a_call_record()).id for _ in range(12)]
    world.faults.add({"fault": "slow", "seconds": 60, "match": {"path": "|".join(calls)}})
    await hands.notice(*calls)
    program = start("worker", database_url=database_url, WORKER_CONCURRENCY=8)
    await until(lambda: world.journal.open >= 8, told=program.text)
    await program.kill()
    world.faults.clear()
    assert await hands.work() == 0
    await move_time(hands.database, minutes=2, seconds=1)
    while await hands.work():
        pass
    assert await due(hands.database) == {}
    assert all([await hands.held(call_id) for call_id in calls])


async def test_requests_under_way_are_answered_before_the_service_ends(serve, database_url):
    service = await serve("--no-renewal", database_url=database_url)
    assert (await service.get("/api/calls")).json()["items"] == []
    service.program.send(signal.SIGTERM)
    assert await service.program.ended(seconds=10) == 0
    names = [event["event"] for event in service.program.events()]
    assert names.index("serving") < names.index("stopping") < names.index("worker_stopped")
