import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.db import Database
from app.inbox import queue
from tests.inbox.box import LEASE, NOW, OTHER, TENANT, Box, ids, notices
from tests.moving import move_time
from tests.some import some

pytestmark = pytest.mark.anyio


async def test_a_claim_tells_what_the_worker_needs_and_counts_the_attempt(box):
    await box.put("call", "call")
    claim = await box.claim_one("worker-1")
    assert claim == queue.Claim(TENANT, "call", 2, 1, NOW, NOW + queue.WINDOW)
    row = await box.row()
    assert (row.claimed_by, row.state) == ("worker-1", "due")


async def test_the_rows_nearest_their_deadline_are_claimed_first(box):
    for days in (5, 1, 9, 3):
        await box.put(f"{days} days", deadline=NOW + timedelta(days=days))
    assert ids(await box.claim(most=2)) == ["1 days", "3 days"]
    assert ids(await box.claim(most=2)) == ["5 days", "9 days"]


async def test_a_row_once_claimed_is_not_claimed_again_while_the_lease_lasts(box):
    await box.put("call")
    assert len(await box.claim("first")) == 1
    assert await box.claim("second") == []
    assert await box.claim("first") == []


async def test_a_row_whose_lease_has_ended_is_due_again(box):
    await box.put("call")
    await box.claim("first")
    await move_time(box.database, seconds=LEASE.total_seconds() - 30)
    assert await box.claim("second") == []
    await move_time(box.database, seconds=31)
    assert (await box.claim_one("second")).attempts == 2


async def test_a_worker_that_lives_prolongs_its_leases(box):
    await box.put("call")
    claims = await box.claim("first")
    await move_time(box.database, seconds=LEASE.total_seconds() - 1)
    await box.do(queue.prolong, "first", claims, LEASE)
    await move_time(box.database, seconds=LEASE.total_seconds() - 30)
    assert await box.claim("second") == []


async def test_a_worker_cannot_prolong_what_another_has_claimed_since(box):
    await box.put("call")
    claims = await box.claim("first")
    await move_time(box.database, hours=1)
    await box.claim("second")
    await box.do(queue.prolong, "first", claims, timedelta(days=1))
    row = await box.row()
    assert row.claimed_by == "second"
    assert row.due_at < datetime.now(UTC) + 2 * LEASE


async def test_only_the_tenants_asked_for_are_claimed(box):
    await box.put("ours")
    await box.put("theirs", tenant=OTHER)
    assert ids(await box.claim(of=[OTHER])) == ["theirs"]
    assert await box.claim(of=[]) == []


async def test_a_tenant_that_graph_holds_is_left_alone_until_the_hold_is_over(box):
    await box.put("held")
    await box.put("free", tenant=OTHER)
    await box.hold(TENANT, datetime.now(UTC) + timedelta(minutes=5))
    assert ids(await box.claim(of=[TENANT, OTHER])) == ["free"]
    await move_time(box.database, minutes=6)
    assert "held" in ids(await box.claim("later", of=[TENANT]))


async def test_a_row_is_given_to_one_worker_only_however_many_ask_at_once(database_url):
    boxes = [Box(Database.open(database_url)) for _ in range(3)]
    await boxes[0].put(*(f"call-{n:03}" for n in range(200)))
    claims = await asyncio.gather(*(boxes[n % 3].claim(f"worker-{n}", most=15) for n in range(30)))
    assert Counter(claim.call_id for mine in claims for claim in mine).most_common(1)[0][1] == 1
    assert all(len(mine) <= 15 for mine in claims)
    for box in boxes:
        await box.database.close()


async def test_workers_that_ask_until_nothing_is_left_share_everything(box):
    await box.put(*(f"call-{n:03}" for n in range(120)))
    taken = []

    async def work(name):
        while claims := await box.claim(name, most=7):
            taken.extend(ids(claims))

    await asyncio.gather(*(work(f"worker-{n}") for n in range(6)))
    assert len(taken) == len(set(taken)) == 120


@pytest.mark.parametrize("plan", ["hashjoin", "hashjoin mergejoin material hashagg sort bitmapscan indexscan"])
async def test_no_plan_of_postgresql_claims_more_than_was_asked(postgresql_url, plan):
    box = Box(Database.open(postgresql_url))
    await box.do(_empty)
    await box.put(*(f"call-{n:03}" for n in range(100)))
    async with box.database.begin() as db:
        for part in plan.split():
            await db.execute(text(f"SET LOCAL enable_{part} = off"))
        assert len(await queue.claim(db, "worker", [TENANT], 10, LEASE)) == 10
    await box.database.close()


async def _empty(db):
    await db.execute(text("TRUNCATE inbox, tenants"))


async def test_a_claim_that_is_rolled_back_leaves_the_row_due(box):
    await box.put("call")

    async def dying():
        async with box.database.begin() as db:
            assert await queue.claim(db, "first", [TENANT], 1, LEASE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await dying()
    assert (await box.claim_one("second")).attempts == 1


async def test_claiming_putting_prolonging_and_finishing_at_once_never_lock_each_other_out(box):
    calls = [f"call-{n:02}" for n in range(40)]
    await box.put(*calls)

    async def worker(name):
        for _ in range(5):
            if claims := await box.claim(name, most=20):
                await box.do(queue.prolong, name, reversed(claims), LEASE)
                await box.do(queue.finish, name, claims[::-1])

    async def door(order):
        for _ in range(15):
            await box.do(queue.put, notices(*calls[::order]), NOW)

    await asyncio.gather(worker("a"), worker("b"), door(1), door(-1))
    assert all(row.notices >= 1 for row in some(await box.rows(limit=100)))
