"""What may happen to a record while it is fetched, and between two fetches."""

import anyio
import pytest

from app.simulator.records import a_call_record
from tests.flow.hands import seconds_until
from tests.moving import move_time
from tests.waiting import until

pytestmark = pytest.mark.anyio

MEETING = {"type": "groupCall", "participants": 9, "sessions": 7}
SMALL_PAGES = {"session_page": 3, "participant_page": 4}


async def test_a_notification_during_the_fetch_makes_the_row_due_again(hands, world):
    call_id = world.put(a_call_record()).id
    world.faults.add({"fault": "slow", "seconds": 0.3, "match": {"path": call_id}, "times": 1})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hands.work, call_id)
        await until(lambda: world.journal.open)
        await hands.notice(call_id)
    row = await hands.row(call_id)
    assert (row.state, row.notices, row.attempts, row.claimed_by) == ("due", 2, 0, None)
    assert seconds_until(row.due_at) <= 0
    world.bump(call_id)
    assert await hands.work() == 1
    assert (await hands.held(call_id)).version == 2
    assert await hands.row(call_id) is None


async def test_many_notices_of_one_call_are_one_fetch(hands, world):
    world.change_settings({"expand_relations": "both"})  # a fetch is then one request
    call_id = world.put(a_call_record()).id
    for _ in range(5):
        await hands.notice(call_id, call_id)
    assert await hands.work() == 1
    assert world.journal.record_gets[call_id] == 1
    assert await hands.row(call_id) is None


async def test_an_older_version_never_replaces_a_newer_one(hands, world):
    newer = a_call_record(version=3)
    await hands.work(world.put(newer).id)
    world.remove(newer["id"])
    await hands.work(world.put({**newer, "version": 2, "sessions": []}).id)
    assert (await hands.held(newer["id"])).version == 3
    assert await hands.document(newer["id"]) == newer


async def test_a_record_that_changes_between_its_pages_is_read_again_and_never_mixed(hands, world):
    world.change_settings(SMALL_PAGES)
    call_id = world.put(a_call_record(**MEETING)).id
    world.faults.add({"fault": "version_change", "match": {"path": f"{call_id}/sessions"}, "times": 1})
    await hands.work(call_id)
    assert await hands.held(call_id) is None
    assert (await hands.row(call_id)).last_error.startswith("Changed")
    await move_time(hands.database, seconds=2)
    await hands.work()
    assert (await hands.held(call_id)).version == 2
    assert await hands.document(call_id) == world.document(call_id)


@pytest.mark.parametrize("pages", [{}, SMALL_PAGES])
async def test_a_session_id_that_comes_twice_is_two_sessions(hands, world, pages):
    world.change_settings(pages)
    call_id = world.put(a_call_record(**MEETING, repeated_sessions=3)).id
    await hands.work(call_id)
    kept = await hands.document(call_id)
    assert kept == world.document(call_id)
    assert len(kept["sessions"]) == 7
    assert len({session["id"] for session in kept["sessions"]}) == 4


@pytest.mark.parametrize("pages", [{}, SMALL_PAGES])
@pytest.mark.parametrize("relations", ["refused", "first"])
async def test_where_graph_gives_one_relation_at_a_time_two_requests_do(hands, world, relations, pages):
    world.change_settings({**pages, "expand_relations": relations})
    call_id = world.put(a_call_record(**MEETING)).id
    await hands.work(call_id)
    assert await hands.document(call_id) == world.document(call_id)


async def test_where_graph_gives_one_relation_at_a_time_later_records_cost_two_requests(hands, world):
    world.change_settings({"expand_relations": "refused"})
    await hands.work(world.put(a_call_record()).id)
    later = world.put(a_call_record()).id
    await hands.work(later)
    assert world.journal.record_gets[later] == 2
    assert await hands.document(later) == world.document(later)


@pytest.mark.parametrize(
    ("settings", "where"),
    [(SMALL_PAGES, "{}/sessions"), ({"expand_relations": "refused"}, r"{}.*segments(\)|%29)$")],
)
async def test_a_record_that_is_rewritten_with_the_same_version_is_read_again(hands, world, settings, where):
    world.change_settings(settings)
    call_id = world.put(a_call_record(**MEETING)).id
    path = where.format(call_id)
    world.faults.add({"fault": "rewrite", "match": {"path": path}, "times": 1})
    await hands.work(call_id)
    assert await hands.held(call_id) is None
    assert (await hands.row(call_id)).last_error.startswith("Changed")
    await move_time(hands.database, seconds=2)
    await hands.work()
    assert (await hands.held(call_id)).version == 1
    assert await hands.document(call_id) == world.document(call_id)


async def test_a_call_of_another_tenant_is_kept_apart_from_one_with_the_same_id(world, two_tenants):
    hands, other = two_tenants
    call_id = world.put(a_call_record()).id
    await hands.notice(call_id)
    await hands.work(call_id, tenant_id=other)
    assert (await hands.held(call_id)).version == 1
    assert await hands.held(call_id, other) is None
    assert (await hands.row(call_id)).tenant_id == other
