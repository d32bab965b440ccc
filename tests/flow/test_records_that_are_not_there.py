"""404 means not yet, no longer or never; only time tells."""

import pytest

from app.health import readiness
from app.health.tenant import tenant_states
from app.simulator.records import a_call_record
from tests.flow.hands import seconds_until
from tests.moving import move_time

pytestmark = pytest.mark.anyio

NOWHERE = "11111111-2222-4333-8444-555555555555"
HOUR, DAY = 3600, 86400


async def reasons_but_for_the_subscription(hands):
    found = await readiness.reasons_not_ready(hands.database, [hands.tenant_id])
    return [reason for reason in found if reason.reason != "subscription"]


async def test_a_record_that_never_appears_is_asked_for_until_day_30_and_then_expires(hands):
    await hands.work(NOWHERE)
    pauses = []
    while (row := await hands.row(NOWHERE)).state == "due" and len(pauses) < 200:
        pauses.append(seconds_until(row.due_at))
        assert row.last_error == "NotFound: Graph does not have it (404)"
        assert await reasons_but_for_the_subscription(hands) == []
        await move_time(hands.database, seconds=pauses[-1] + 0.1)
        assert await hands.work() == 1
    assert row.state == "expired"
    assert row.last_error.startswith("Graph's 30 days ran out")
    (tenant,) = await tenant_states(hands.database, [hands.tenant_id])
    assert (tenant.depth.expired, tenant.depth.never_available) == (1, 1)
    assert pauses[0] < 15
    assert 2 * HOUR < max(pauses) < 8 * HOUR
    assert 29.9 * DAY < sum(pauses) < 30.1 * DAY


async def test_a_record_that_is_announced_too_early_is_fetched_when_it_is_there(hands, world):
    document = a_call_record()
    await hands.work(document["id"])
    assert await hands.held(document["id"]) is None
    world.put(document)
    await move_time(hands.database, seconds=13)
    await hands.work()
    assert await hands.document(document["id"]) == document
    assert await hands.row(document["id"]) is None


async def test_an_expired_row_that_is_noticed_again_is_due_again(hands, world):
    document = a_call_record()
    await hands.notice(document["id"])
    await move_time(hands.database, days=31)
    await hands.work()
    assert (await hands.row(document["id"])).state == "expired"
    await hands.work(world.put(document).id)
    assert await hands.row(document["id"]) is None
    assert (await hands.held(document["id"])).complete


async def test_a_later_404_removes_nothing(hands, world):
    document = a_call_record()
    await hands.work(world.put(document).id)
    world.remove(document["id"])
    await hands.work(document["id"])
    assert await hands.document(document["id"]) == document


async def test_a_record_without_sessions_is_kept_and_looked_at_until_it_has_some(hands, world):
    document = a_call_record(type="groupCall", participants=3)
    bare = {name: value for name, value in document.items() if name != "sessions"}
    await hands.work(world.put(bare).id)
    assert await hands.held(document["id"]) == (1, False)
    row = await hands.row(document["id"])
    assert (row.state, row.last_error) == ("due", "stored incomplete: no sessions")
    assert 4 * 60 < seconds_until(row.due_at) < 7 * 60
    world.remove(document["id"])
    world.put(document)
    await move_time(hands.database, minutes=7)
    await hands.work()
    assert await hands.held(document["id"]) == (1, True)
    assert await hands.document(document["id"]) == document
    assert await hands.row(document["id"]) is None


@pytest.mark.parametrize("days_of_graph", [0, 31])
async def test_a_record_that_never_gets_sessions_leaves_the_inbox_after_its_30_days(hands, world, days_of_graph):
    """Graph may still have it then, or answer 404: the archive has what there was."""
    call_id = world.put(a_call_record(no_sessions=True)).id
    await hands.work(call_id)
    world.change_settings({"clock_offset_s": days_of_graph * float(DAY)})
    world.revoke_tokens()
    await move_time(hands.database, days=31)
    assert await hands.work() == 1
    assert await hands.row(call_id) is None
    assert await hands.held(call_id) == (1, False)
