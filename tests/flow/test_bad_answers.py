"""Answers that are none: tried again, never stored."""

import pytest

from app.simulator.records import a_call_record
from tests.moving import move_time

pytestmark = pytest.mark.anyio

FAULTS = [
    {"fault": "truncate"},
    {"fault": "not_json"},
    {"fault": "other_id"},
    {"fault": "cut"},
    {"fault": "status", "status": 500},
    {"fault": "status", "status": 503},
    {"fault": "status", "status": 504},
    {"fault": "status", "status": 302},
]


def named(fault):
    return str(fault.get("status", fault["fault"]))


@pytest.mark.parametrize("fault", FAULTS, ids=named)
async def test_it_is_tried_again_and_never_stored(hands, world, fault):
    call_id = world.put(a_call_record(), notify=False).id
    world.faults.add({**fault, "match": {"path": "callRecords"}})
    await hands.work(call_id)
    for _ in range(2):
        row = await hands.row(call_id)
        assert (row.state, row.claimed_by, await hands.held(call_id)) == ("due", None, None), row.last_error
        assert row.last_error.startswith(("BadResponse", "Unavailable"))
        await move_time(hands.database, seconds=5)
        assert await hands.work() == 1
    world.faults.clear()
    await move_time(hands.database, minutes=1)
    await hands.work()
    assert await hands.row(call_id) is None
    assert await hands.document(call_id) == world.document(call_id)


@pytest.mark.parametrize("fault", FAULTS[:6], ids=named)
async def test_one_bad_page_does_not_cost_the_record(hands, world, fault):
    world.change_settings({"session_page": 3, "participant_page": 4})
    call_id = world.put(a_call_record(type="groupCall", participants=9, sessions=7), notify=False).id
    world.faults.add({**fault, "match": {"path": f"{call_id}/"}, "times": 1})
    await hands.work(call_id)
    assert await hands.document(call_id) == world.document(call_id)
    assert await hands.row(call_id) is None
