from datetime import UTC, datetime, timedelta

import pytest

from app.inbox import model, queue
from tests.inbox.box import LEASE, NOW, ids
from tests.moving import move_time

pytestmark = pytest.mark.anyio


async def test_a_finished_row_is_gone(box):
    await box.put("call")
    await box.do(queue.finish, "worker", [await box.claim_one()])
    assert await box.rows() == []


async def test_finishing_twice_does_no_harm(box):
    await box.put("call", "other")
    claims = await box.claim()
    await box.do(queue.finish, "worker", claims[:1])
    await box.do(queue.finish, "worker", claims[:1])
    assert ids(await box.rows()) == ids(claims[1:])


async def test_a_row_noticed_during_its_fetch_is_due_at_once_when_that_ends(box):
    await box.put("call")
    claim = await box.claim_one()
    await box.put("call")
    await box.do(queue.finish, "worker", [claim])
    row = await box.row()
    assert (row.state, row.claimed_by, row.attempts, row.last_error) == ("due", None, 0, None)
    assert (await box.claim_one()).notices == 2


async def test_each_row_of_a_batch_is_finished_by_its_own_notices(box):
    await box.put("quiet", "noticed")
    claims = await box.claim()
    await box.put("noticed")
    await box.do(queue.finish, "worker", claims)
    assert ids(await box.rows()) == ["noticed"]


async def test_a_row_that_failed_for_now_is_due_after_the_pause_given(box):
    await box.put("call")
    await box.do(queue.retry, "worker", await box.claim_one(), timedelta(hours=3), "Graph is down")
    row = await box.row()
    assert (row.claimed_by, row.attempts, row.last_error) == (None, 1, "Graph is down")
    assert timedelta(hours=2) < row.due_at - datetime.now(UTC) <= timedelta(hours=3)
    assert await box.claim() == []
    await move_time(box.database, hours=4)
    assert (await box.claim_one()).attempts == 2


async def test_a_row_noticed_during_a_fetch_that_failed_is_due_at_once(box):
    await box.put("call")
    claim = await box.claim_one()
    await box.put("call")
    await box.do(queue.retry, "worker", claim, timedelta(hours=3), "Graph is down")
    assert ids(await box.claim()) == ["call"]


@pytest.mark.parametrize("state", [model.FAILED, model.EXPIRED])
async def test_a_row_that_ended_keeps_its_reason_and_is_claimed_no_more(box, state):
    await box.put("call")
    await box.do(queue.give_up, "worker", await box.claim_one(), state, "403: no consent")
    row = await box.row()
    assert (row.state, row.last_error, row.claimed_by) == (state, "403: no consent", None)
    await move_time(box.database, days=1)
    assert await box.claim() == []


@pytest.mark.parametrize("state", [model.FAILED, model.EXPIRED])
async def test_a_row_noticed_during_its_last_fetch_is_due_instead_of_ended(box, state):
    await box.put("call")
    claim = await box.claim_one()
    await box.put("call")
    await box.do(queue.give_up, "worker", claim, state, "why")
    assert (await box.row()).state == "due"
    assert ids(await box.claim()) == ["call"]


async def test_a_row_given_back_is_as_if_never_claimed(box):
    await box.put("call")
    claims = await box.claim()
    await box.do(queue.release, "worker", claims)
    row = await box.row()
    assert (row.attempts, row.claimed_by) == (0, None)
    assert (await box.claim_one("another")).attempts == 1


async def test_giving_back_twice_does_no_harm(box):
    await box.put("call")
    claims = await box.claim()
    await box.do(queue.release, "worker", claims)
    await box.do(queue.release, "worker", claims)
    assert (await box.row()).attempts == 0


async def test_a_row_noticed_after_its_lease_ended_never_counts_below_no_attempts(box):
    await box.put("call")
    claims = await box.claim()
    await move_time(box.database, hours=1)
    await box.put("call")
    await box.do(queue.release, "worker", claims)
    assert (await box.row()).attempts == 0


async def steps(claim):
    return [
        (queue.retry, claim, timedelta(hours=3), "why"),
        (queue.give_up, claim, model.FAILED, "why"),
        (queue.release, [claim]),
    ]


@pytest.mark.parametrize("step", [0, 1, 2])
async def test_a_worker_whose_lease_ended_does_not_touch_the_row_of_the_next(box, step):
    await box.put("call")
    claim = await box.claim_one("slow")
    await move_time(box.database, seconds=LEASE.total_seconds() + 1)
    await box.claim("next")
    before = await box.row()
    do, *args = (await steps(claim))[step]
    await box.do(do, "slow", *args)
    assert await box.row() == before


async def test_a_slow_worker_leaves_the_row_to_the_next_even_when_it_stored_the_record(box):
    await box.put("call")
    claim = await box.claim_one("slow")
    await move_time(box.database, seconds=LEASE.total_seconds() + 1)
    await box.claim("next")
    before = await box.row()
    await box.do(queue.finish, "slow", [claim])
    assert await box.row() == before


@pytest.mark.parametrize("next_one", ["next", "slow"])
async def test_a_slow_worker_does_not_finish_what_was_noticed_after_the_next_had_finished(box, next_one):
    await box.put("call")
    slow = await box.claim_one("slow")
    await move_time(box.database, seconds=LEASE.total_seconds() + 1)
    await box.do(queue.finish, next_one, [await box.claim_one(next_one)])
    await box.put("call", at=NOW + timedelta(minutes=3))
    await box.claim_one(next_one)
    await box.do(queue.finish, "slow", [slow])
    assert (await box.row()).notices == 1
