from datetime import UTC, datetime, timedelta

import pytest

from app.inbox import model, queue, rows
from app.inbox.rows import Depth
from tests.inbox.box import NOW, OTHER, TENANT, ids
from tests.moving import move_time

pytestmark = pytest.mark.anyio


async def ended(box, call_id, state=model.FAILED):
    """One call that has ended, beside those that are there."""
    await box.put(call_id, tenant="alone")
    [claim] = await box.claim(of=["alone"])
    await box.do(queue.give_up, "worker", claim, state, "why")


async def test_rows_come_nearest_their_deadline_first(box):
    for days in (5, 1, 3):
        await box.put(f"{days} days", deadline=NOW + timedelta(days=days))
    assert ids(await box.rows()) == ["1 days", "3 days", "5 days"]


async def test_pages_of_rows_hold_every_row_once_though_deadlines_are_equal(box):
    await box.put(*(f"call-{n}" for n in range(7)))
    await box.put("call-0", tenant=OTHER)
    seen, after = [], None
    while page := await box.rows(after=after, limit=3):
        seen += [(row.tenant_id, row.call_id) for row in page]
        after = (page[-1].deadline, page[-1].tenant_id, page[-1].call_id)
    assert seen == sorted(set(seen))
    assert len(seen) == 8


async def test_rows_of_one_state_and_of_one_tenant_can_be_asked_for(box):
    await box.put("due")
    await ended(box, "failed")
    await ended(box, "expired", model.EXPIRED)
    assert [ids(await box.rows(state=state)) for state in model.STATES] == [["due"], ["failed"], ["expired"]]
    assert ids(await box.rows(tenants=[TENANT])) == ["due"]


async def test_a_backlog_is_more_rows_that_are_due_now_than_a_number(box, database):
    await box.put("a", "b", "c")
    await ended(box, "failed")
    await box.claim(most=1)
    async with database.reading() as db:
        assert [await rows.is_backlog(db, most) for most in (1, 2)] == [True, False]


async def test_an_empty_inbox_has_no_depths(box):
    assert await box.depths() == {}


async def test_depths_count_each_state_of_each_tenant(box):
    await box.put("a", "b")
    await ended(box, "failed")
    await ended(box, "expired", model.EXPIRED)
    depths = await box.depths()
    assert (depths[TENANT].due, depths[TENANT].failed, depths[TENANT].expired) == (2, 0, 0)
    assert (depths["alone"].due, depths["alone"].failed, depths["alone"].expired) == (0, 1, 1)
    assert (depths["alone"].oldest_due, depths["alone"].nearest_deadline) == (None, None)


async def test_depths_name_the_nearest_deadline_of_what_is_due(box):
    for days in (5, 1, 3):
        await box.put(f"{days} days", deadline=NOW + timedelta(days=days))
    assert (await box.depths())[TENANT].nearest_deadline == NOW + timedelta(days=1)


async def test_a_claimed_row_is_not_overdue(box):
    await box.put("call")
    assert (await box.depths())[TENANT].oldest_due is not None
    await box.claim()
    depth = (await box.depths())[TENANT]
    assert depth == Depth(due=1, nearest_deadline=depth.nearest_deadline)


async def test_what_has_waited_longest_is_the_oldest_due(box):
    await box.put("old")
    await move_time(box.database, hours=2)
    await box.put("new")
    waited = datetime.now(UTC) - (await box.depths())[TENANT].oldest_due
    assert timedelta(hours=2) <= waited < timedelta(hours=2, minutes=1)


@pytest.mark.parametrize("state", [model.FAILED, model.EXPIRED])
async def test_a_row_that_ended_can_be_made_due_by_a_person(box, state):
    await ended(box, "call", state)
    assert await box.do(rows.retry, ["call"]) == 1
    row = await box.row()
    assert (row.state, row.attempts) == ("due", 0)
    assert ids(await box.claim(of=["alone"])) == ["call"]


async def test_retrying_twice_does_no_harm(box):
    await ended(box, "call")
    assert [await box.do(rows.retry, ["call"]) for _ in range(2)] == [1, 1]
    assert (await box.row()).notices == 1


async def test_a_row_retried_after_its_deadline_gets_a_day_in_which_graph_is_asked(box):
    await ended(box, "call", model.EXPIRED)
    await move_time(box.database, days=400)
    await box.do(rows.retry, ["call"])
    left = (await box.row()).deadline - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(days=1, seconds=5)


async def test_a_row_retried_before_its_deadline_keeps_it(box):
    far = datetime.now(UTC) + timedelta(days=20)
    await box.put("call", deadline=far)
    await box.do(rows.retry, ["call"])
    assert (await box.row()).deadline == far


async def test_a_row_that_a_worker_holds_stays_with_it_when_a_person_asks_again(box):
    await box.put("call")
    await box.claim("worker")
    before = await box.row()
    assert await box.do(rows.retry, ["call"]) == 1
    after = await box.row()
    assert (after.claimed_by, after.due_at, after.attempts) == (before.claimed_by, before.due_at, before.attempts)


async def test_ids_are_found_only_in_the_tenant_named(box):
    await box.put("abc")
    assert await box.do(rows.retry, ["abc"], [OTHER]) == 0
    assert await box.do(rows.retry, ["abc"], [TENANT]) == 1


async def test_a_thousand_ids_are_retried_in_one_go(box):
    calls = [f"call-{n:05}" for n in range(3000)]
    await box.put(*calls)
    assert await box.do(rows.retry, calls) == 3000


async def test_every_failed_row_can_be_retried_at_once_and_no_other(box):
    for call_id in ("one", "two"):
        await ended(box, call_id)
    await ended(box, "over", model.EXPIRED)
    assert await box.do(rows.retry_all_failed) == 2
    assert {row.call_id: row.state for row in await box.rows()} == {"one": "due", "two": "due", "over": "expired"}
