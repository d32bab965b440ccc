"""How many requests run at a time, in the process and for one caller."""

import asyncio

import pytest

from app.web.reads.limits import TurnLimits
from app.web.reads.turns import TooManyRequests, Turns

pytestmark = pytest.mark.anyio

FOREVER = 3600.0


async def taken(turns, *callers):
    tasks = [asyncio.create_task(turns.take(caller)) for caller in callers]
    await asyncio.sleep(0)
    return tasks


async def test_a_caller_has_its_own_number_of_turns_and_others_pass_it_in_the_line():
    turns = Turns(TurnLimits(at_once=3, per_caller=2, seconds=FOREVER))
    first, second, third, other = await taken(turns, "a", "a", "a", "b")
    assert [task.done() for task in (first, second, third, other)] == [True, True, False, True]
    assert turns.running == {"a": 2, "b": 1}
    turns.give_back("b")
    await asyncio.sleep(0)
    assert not third.done()
    turns.give_back("a")
    await third
    assert turns.running == {"a": 2}


async def test_the_process_has_a_number_of_turns_and_gives_them_in_the_order_of_the_requests():
    turns = Turns(TurnLimits(at_once=2, per_caller=1, seconds=FOREVER))
    *_, third, fourth = await taken(turns, "a", "b", "c", "d")
    turns.give_back("a")
    await third
    assert not fourth.done()
    assert turns.running == {"b": 1, "c": 1}


async def test_too_many_waiting_requests_of_a_caller_are_refused_and_those_of_another_are_not():
    turns = Turns(TurnLimits(at_once=1, per_caller=1, waiting=2, seconds=FOREVER))
    await taken(turns, "a", "a", "a")
    with pytest.raises(TooManyRequests, match=r"1 requests of this caller run at a time and 2 may wait"):
        await turns.take("a")
    (other,) = await taken(turns, "b")
    assert not other.done()


async def test_a_request_that_waited_long_enough_is_refused_and_leaves_the_line():
    turns = Turns(TurnLimits(at_once=1, per_caller=1, seconds=0.01))
    await turns.take("a")
    with pytest.raises(TooManyRequests, match="waited"):
        await turns.take("b")
    turns.give_back("a")
    assert turns.running == {}


async def test_a_request_that_is_cancelled_gives_up_its_place_or_its_turn():
    for is_granted in (False, True):
        turns = Turns(TurnLimits(at_once=1, per_caller=1, seconds=FOREVER))
        _, waits = await taken(turns, "a", "b")
        if is_granted:
            turns.give_back("a")
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        assert turns.running == ({} if is_granted else {"a": 1})
        if not is_granted:
            turns.give_back("a")
        assert turns.running == {}
