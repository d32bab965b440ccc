"""Calls that Graph notified us of and never has a record of: given up, and shown apart from what was lost."""

from datetime import timedelta

import pytest

from app.inbox import queue, rows
from app.inbox.model import EXPIRED, FAILED, NOT_FOUND
from tests.inbox.box import TENANT

pytestmark = pytest.mark.anyio


async def tried(box, call_id, kind=NOT_FOUND):
    """Fetched once in vain, and due again."""
    await box.put(call_id)
    claim = await box.claim_one()
    await box.do(queue.retry, "worker", claim, timedelta(hours=1), "NotFound: Graph does not have it (404)", kind)


async def test_what_is_given_up_is_asked_for_no_more_and_keeps_its_reason(box):
    await tried(box, "a")
    assert await box.do(rows.give_up, ["a"]) == 1
    (row,) = await box.rows()
    assert (row.state, row.error_kind) == (EXPIRED, NOT_FOUND)
    assert row.last_error == "given up by hand; last: NotFound: Graph does not have it (404)"
    assert await box.claim() == []


async def test_what_graph_never_had_is_counted_apart_from_what_was_lost(box):
    for call_id, kind in (("a", NOT_FOUND), ("b", "unavailable"), ("c", NOT_FOUND)):
        await tried(box, call_id, kind)
    await box.put("d")
    assert await box.do(rows.give_up, ["a", "b", "d"]) == 3
    depth = (await box.depths())[TENANT]
    assert (depth.expired, depth.never_available, depth.due) == (3, 1, 1)
    never = await box.do(rows.rows, state=EXPIRED, apart=True)
    assert [(row.call_id, rows.is_never_available(row)) for row in never] == [("a", True)]
    lost = await box.do(rows.rows, state=EXPIRED, apart=False)
    assert {(row.call_id, rows.is_never_available(row)) for row in lost} == {("b", False), ("d", False)}


async def test_giving_up_twice_or_what_is_not_there_changes_nothing(box):
    await tried(box, "a")
    assert await box.do(rows.give_up, ["a"]) == 1
    assert await box.do(rows.give_up, ["a", "unknown"]) == 0


async def test_another_tenants_row_is_not_given_up(box):
    await tried(box, "a")
    assert await box.do(rows.give_up, ["a"], ["another"]) == 0


async def test_a_notification_makes_it_due_again_and_a_sweep_does_not(box):
    await tried(box, "a")
    await box.do(rows.give_up, ["a"])
    await box.put("a", swept=True)
    assert (await box.rows())[0].state == EXPIRED
    await box.put("a")
    assert (await box.rows())[0].state == "due"


async def test_a_record_that_arrives_while_it_is_given_up_is_stored_and_its_row_goes(box):
    await box.put("a")
    claim = await box.claim_one()
    await box.do(rows.give_up, ["a"])
    await box.do(queue.finish, "worker", [claim])
    assert await box.rows() == []


async def test_a_failed_row_can_be_given_up_and_is_not_counted_as_never_available(box):
    await box.put("a")
    await box.do(queue.give_up, "worker", await box.claim_one(), FAILED, "Refused: no", "refused")
    assert await box.do(rows.give_up, ["a"]) == 1
    assert (await box.depths())[TENANT].never_available == 0
