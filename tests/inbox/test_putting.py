import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from app.inbox import model, queue
from app.inbox.queue import WINDOW
from tests.inbox.box import NOW, OTHER, TENANT, Box, ids, notices
from tests.moving import move_time

pytestmark = pytest.mark.anyio


async def test_a_call_put_is_one_due_row_with_thirty_days(box):
    await box.put("call")
    row = await box.row()
    assert (row.tenant_id, row.call_id, row.state, row.notices, row.attempts) == (TENANT, "call", "due", 1, 0)
    assert (row.first_seen_at, row.deadline) == (NOW, NOW + WINDOW)
    assert (row.claimed_by, row.last_error) == (None, None)


async def test_putting_twice_is_one_row_with_two_notices_that_keeps_its_first_time_and_deadline(box):
    await box.put("call")
    await box.put("call", at=NOW + timedelta(days=1), deadline=NOW + timedelta(days=9))
    row = await box.row()
    assert (row.notices, row.first_seen_at, row.deadline) == (2, NOW, NOW + WINDOW)


async def test_the_same_call_twice_in_one_batch_counts_two_notices(box):
    await box.put("call", "other", "call")
    assert {row.call_id: row.notices for row in await box.rows()} == {"call": 2, "other": 1}


async def test_the_same_call_id_in_two_tenants_is_two_rows(box):
    await box.put("call")
    await box.put("call", tenant=OTHER)
    assert [row.notices for row in await box.rows()] == [1, 1]


async def test_putting_nothing_does_nothing(box):
    await box.put()
    assert await box.rows() == []


async def test_a_known_end_of_the_call_decides_the_deadline(box):
    end = NOW - timedelta(days=3)
    await box.put("call", deadline=end)
    assert (await box.row()).deadline == end


async def test_a_process_whose_clock_is_ahead_still_puts_rows_that_are_due_at_once(box):
    await box.put("call", at=datetime.now(UTC) + timedelta(hours=1))
    assert ids(await box.claim()) == ["call"]


@pytest.mark.parametrize("state", [model.FAILED, model.EXPIRED])
async def test_a_notification_revives_a_row_that_had_ended(box, state):
    await box.put("call")
    await box.do(queue.give_up, "worker", await box.claim_one(), state, "why")
    await box.put("call")
    row = await box.row()
    assert (row.state, row.attempts, row.notices) == ("due", 0, 2)
    assert ids(await box.claim()) == ["call"]


async def test_a_notification_makes_a_waiting_row_due_at_once_and_young_again(box):
    await box.put("call")
    await box.do(queue.retry, "worker", await box.claim_one(), timedelta(hours=6), "not yet")
    assert await box.claim() == []
    await box.put("call")
    assert (await box.claim_one()).attempts == 1


async def test_a_claimed_row_stays_with_its_worker_when_it_is_noticed_again(box):
    await box.put("call")
    await box.claim("first")
    before = await box.row()
    await box.put("call")
    after = await box.row()
    assert (after.claimed_by, after.due_at, after.attempts) == ("first", before.due_at, 1)
    assert after.notices == 2
    assert await box.claim("second") == []


async def test_a_row_whose_worker_died_is_due_at_once_when_it_is_noticed_again(box):
    await box.put("call")
    await box.claim("dead")
    await move_time(box.database, hours=1)
    await box.put("call")
    row = await box.row()
    assert (row.claimed_by, row.attempts) == (None, 0)
    assert ids(await box.claim("alive")) == ["call"]


async def test_what_a_sweep_finds_is_put_but_counts_no_notice_on_a_row_that_is_there(box):
    await box.put("call", swept=True)
    await box.put("call", swept=True)
    assert (await box.row()).notices == 1


@pytest.mark.parametrize("state", [model.FAILED, model.EXPIRED])
async def test_a_sweep_does_not_revive_a_row_that_had_ended(box, state):
    await box.put("call")
    await box.do(queue.give_up, "worker", await box.claim_one(), state, "why")
    await box.put("call", swept=True)
    assert (await box.row()).state == state
    assert await box.claim() == []


async def test_a_sweep_makes_a_waiting_row_due_at_once(box):
    await box.put("call")
    await box.do(queue.retry, "worker", await box.claim_one(), timedelta(hours=6), "not yet")
    await box.put("call", swept=True)
    assert ids(await box.claim()) == ["call"]


async def test_a_sweep_leaves_a_claimed_row_to_its_worker_and_does_not_have_it_fetched_twice(box):
    await box.put("call")
    claim = await box.claim_one("first")
    await box.put("call", swept=True)
    assert await box.claim("second") == []
    await box.do(queue.finish, "first", [claim])
    assert await box.rows() == []


async def test_concurrent_puts_of_shared_ids_in_any_order_never_lock_each_other_out(box):
    calls = [f"call-{n}" for n in range(30)]

    async def shuffled(seed):
        await box.put(*random.Random(seed).sample(calls, 20))

    await asyncio.gather(*(shuffled(seed) for seed in range(40)))
    assert sum(row.notices for row in await box.rows(limit=100)) == 40 * 20


async def test_two_processes_putting_the_same_ids_at_once_lose_no_notice(database_url):
    from app.db import Database  # noqa: PLC0415 -- two of them, as in two processes

    boxes = [Box(Database.open(database_url)) for _ in range(2)]
    await asyncio.gather(*(box.put("call-1", "call-2") for box in boxes for _ in range(20)))
    assert [row.notices for row in await boxes[0].rows()] == [40, 40]
    for box in boxes:
        await box.database.close()


async def test_thousands_of_ids_are_put_in_one_go(box):
    await box.put(*(f"call-{n:05}" for n in range(5000)))
    assert (await box.depths())[TENANT].due == 5000


async def test_an_id_comes_back_as_it_was_put(box):
    odd = ["it's", 'a "quoted" one', "back\\slash", "ünïcode 🎉", "[1,2]", "null", "%s :name ?"]
    for each in odd:
        await box.do(queue.put, notices(each, tenant=each), NOW)
    assert sorted((row.tenant_id, row.call_id) for row in await box.rows(limit=100)) == sorted(
        (one, one) for one in odd
    )
