"""When Graph asks to be left alone, and when it does not accept the token."""

from datetime import datetime, timedelta

import anyio
import pytest

from app.health import readiness
from app.inbox import refusals
from app.simulator.records import a_call_record
from tests.flow.hands import hands as make_hands
from tests.flow.hands import seconds_until
from tests.moving import move_time
from tests.waiting import until

pytestmark = pytest.mark.anyio

THEIRS = "aaaaaaaa-0000-4000-8000-"


def put_throttled(world, count):
    """Records of the first tenant, all of whose requests a fault can name."""
    return [world.put(a_call_record(id=f"{THEIRS}{number:012}")).id for number in range(count)]


def asked(world, part=THEIRS):
    return [asked for asked in world.journal.requests if part in asked.path]


async def test_retry_after_holds_the_whole_tenant_and_the_others_go_on(world, two_tenants):
    hands, other = two_tenants
    theirs = put_throttled(world, 40)
    others = [world.put(a_call_record(), tenant_id=other).id for _ in range(12)]
    world.faults.add({"fault": "status", "status": 429, "retry_after": 300, "match": {"path": THEIRS}})
    await hands.notice(*theirs)
    await hands.notice(*others, tenant_id=other)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hands.worker.run)
        await until(lambda: all_held(hands, others, other))
        hands.worker.stop()
    assert len(asked(world)) <= 8  # those under way when the first was answered
    assert [await hands.held(call_id) for call_id in theirs] == [None] * 40
    assert 290 < seconds_until((await hands.tenant()).held_until) <= 300
    assert (await hands.tenant(other)).held_until is None


async def all_held(hands, call_ids, tenant_id=None):
    return all([await hands.held(call_id, tenant_id) for call_id in call_ids])


async def test_another_worker_leaves_a_held_tenant_alone_too_until_the_hold_is_over(
    database, hands, world, running, ca_file
):
    first, second = put_throttled(world, 2)
    world.faults.add({"fault": "status", "status": 429, "retry_after": 120, "match": {"path": THEIRS}, "times": 1})
    await hands.work(first)
    async with make_hands(database, running, ca_file) as colleague:
        assert await colleague.work(second) == 0
        assert len(asked(world)) == 1
        await move_time(database, seconds=145)  # a fifth longer at most, so that not all come back at once
        assert await colleague.work() == 2
    assert await all_held(hands, [first, second])


async def test_nothing_is_asked_before_a_short_hold_is_over(database, running, ca_file, world):
    world.change_settings({"expand_relations": "both"})  # a fetch is then one request
    theirs = put_throttled(world, 6)
    world.faults.add({"fault": "status", "status": 503, "retry_after": 1, "match": {"path": THEIRS}, "times": 1})
    async with make_hands(database, running, ca_file, concurrency=1) as hands, anyio.create_task_group() as tasks:
        await hands.notice(*theirs)
        tasks.start_soon(hands.worker.run)
        await until(lambda: all_held(hands, theirs))
        hands.worker.stop()
    times = [datetime.fromisoformat(each.time) for each in asked(world)]
    assert [each.status for each in asked(world)] == [503] + [200] * 6
    assert times[1] - times[0] >= timedelta(seconds=1)


async def test_a_hold_between_two_pages_costs_no_page(hands, world):
    world.change_settings({"session_page": 2, "expand_relations": "both"})  # one request, then pages
    call_id = world.put(a_call_record(type="groupCall", participants=2, sessions=6)).id
    world.faults.add(
        {"fault": "status", "status": 429, "retry_after": 1, "match": {"path": f"{call_id}/sessions"}, "times": 1}
    )
    await hands.work(call_id)
    assert await hands.document(call_id) == world.document(call_id)
    assert [each.status for each in asked(world, call_id)] == [200, 429, 200, 200, 200]


async def test_an_expired_token_is_renewed_once(hands, world):
    calls = [world.put(a_call_record()).id for _ in range(6)]
    await hands.work(calls[0])
    world.faults.add({"fault": "expired_token", "times": 5})
    await hands.work(*calls[1:])
    assert await all_held(hands, calls)
    assert world.journal.counts["tokens_issued"] == 2


async def test_a_token_that_is_never_accepted_keeps_the_row_and_holds_the_tenant(hands, world):
    world.faults.add({"fault": "expired_token"})
    call_id = world.put(a_call_record()).id
    await hands.work(call_id)
    row = await hands.row(call_id)
    assert row.state == "due"
    assert row.last_error.startswith("LoginFailed")
    assert 8 < seconds_until(row.due_at) < 13
    assert 8 < seconds_until((await hands.tenant()).held_until) <= 10


async def test_a_wrong_secret_is_reported_and_the_right_one_collects_what_waited(
    database, hands, world, running, ca_file
):
    right = set(world.directory.app.secrets)
    world.directory.app.secrets = {"another"}
    call_id = world.put(a_call_record()).id
    await hands.work(call_id)
    assert (await hands.row(call_id)).last_error.startswith("LoginFailed")
    world.directory.app.secrets = right
    await move_time(database, seconds=20)
    async with make_hands(database, running, ca_file) as colleague:
        assert await colleague.work() == 1
    assert await hands.row(call_id) is None


async def test_a_record_that_alone_is_refused_fails_and_is_fetched_when_an_administrator_retries_it(hands, world):
    refused, other = (world.put(a_call_record()).id for _ in range(2))
    world.faults.add({"fault": "status", "status": 403, "match": {"path": refused}})
    await hands.work(refused)
    row = await hands.row(refused)
    assert row.state == "failed"
    assert "403" in row.last_error
    assert await hands.work(other) == 1
    assert (await hands.row(refused)).state == "failed"
    await hands.retry(refused)
    await hands.work()
    assert (await hands.row(refused)).state == "failed"  # another one was stored since its first refusal
    world.faults.clear()
    await hands.retry(refused)
    assert await hands.work() == 1
    assert await hands.row(refused) is None


@pytest.mark.parametrize("count", [1, 20])
async def test_a_tenant_without_the_permission_waits_and_its_records_are_stored_when_it_is_back(hands, world, count):
    """Also of a single record: Graph's list, which needs the same permission, is refused as well."""
    world.settings.roles = []
    call_ids = [world.put(a_call_record()).id for _ in range(count)]
    await hands.work(*call_ids)
    states = {row.state for call_id in call_ids if (row := await hands.row(call_id))}
    assert states == {"due"}
    assert await hands.work() == 0  # until the next check
    asked_before = len(world.journal.requests)
    await move_time(hands.database, seconds=11)
    await hands.work()
    assert await hands.work() == 0
    assert len(world.journal.requests) > asked_before
    world.settings.roles = ["CallRecords.Read.All"]
    world.revoke_tokens()
    await move_time(hands.database, seconds=31)
    while await hands.work():
        pass
    assert [await hands.row(call_id) for call_id in call_ids] == [None] * count
    async with hands.database.reading() as db:
        assert await refusals.find(db, hands.tenant_id) is None


async def test_records_that_failed_before_the_storm_was_known_become_due_when_it_is_over(hands, world):
    """Graph refuses records alone and gives its list: after three in a row it is the permission."""
    stored = world.put(a_call_record()).id
    await hands.work(stored)
    call_ids = [world.put(a_call_record()).id for _ in range(5)]
    world.faults.add({"fault": "status", "status": 403, "match": {"path": "callRecords/"}})
    states = []
    for call_id in call_ids:
        await hands.work(call_id)
        states.append((await hands.row(call_id)).state)
    assert states == ["failed", "failed", "due", "due", "due"]
    world.faults.clear()
    await move_time(hands.database, seconds=11)
    while await hands.work():
        pass
    assert [await hands.row(call_id) for call_id in call_ids] == [None] * 5


async def test_status_and_readiness_name_a_storm_after_a_minute(hands, world):
    world.settings.roles = []
    await hands.work(world.put(a_call_record()).id)
    for seconds, is_named in ((10, False), (60, True)):
        await move_time(hands.database, seconds=seconds)
        found = await readiness.check(hands.database, [hands.tenant_id])
        reasons = [one.detail for one in found.reasons if "refused every record" in one.detail]
        assert bool(reasons) == is_named
    assert "1 record waiting" in reasons[0]
    assert "403" in reasons[0]
    assert found.tenants[0].refused_since is not None
