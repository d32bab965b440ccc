import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.db import Database, UnreachableError, lease
from tests.moving import move_time
from tests.waiting import until

pytestmark = pytest.mark.anyio


async def lease_row(database):
    async with database.reading() as db:
        return (await db.execute(select(lease.leases))).first()


async def test_the_first_to_ask_gets_the_lease_and_the_next_does_not(database):
    assert await lease.take(database, "work", "one")
    assert not await lease.take(database, "work", "two")


async def test_taking_twice_prolongs_the_holders_own_lease(database):
    await lease.take(database, "work", "one")
    await move_time(database, seconds=50)
    assert await lease.take(database, "work", "one")
    await move_time(database, seconds=50)
    assert not await lease.take(database, "work", "two")


async def test_two_kinds_of_work_have_two_holders(database):
    assert await lease.take(database, "renewal", "one")
    assert await lease.take(database, "retention", "two")


async def test_of_many_that_ask_at_once_one_gets_the_lease(database_url):
    databases = [Database.open(database_url) for _ in range(2)]
    got = await asyncio.gather(*(lease.take(databases[n % 2], "work", f"holder-{n}") for n in range(20)))
    assert sum(got) == 1
    for database in databases:
        await database.close()


async def test_of_many_that_ask_at_once_for_an_ended_lease_one_gets_it(database):
    await lease.take(database, "work", "dead")
    await move_time(database, minutes=2)
    assert sum(await asyncio.gather(*(lease.take(database, "work", f"holder-{n}") for n in range(20)))) == 1


async def test_a_lease_whose_holder_died_is_taken_over_after_its_end_and_not_before(database):
    await lease.take(database, "work", "dead", timedelta(minutes=1))
    await move_time(database, seconds=50)
    assert not await lease.take(database, "work", "alive")
    await move_time(database, seconds=11)
    assert await lease.take(database, "work", "alive")
    assert (await lease_row(database)).holder == "alive"


async def test_the_lease_ends_with_the_block(database):
    async with lease.hold(database, "work", "one") as ours:
        assert ours
        assert not await lease.take(database, "work", "two")
    assert await lease.take(database, "work", "two")


async def test_the_lease_ends_with_a_block_that_fails(database):
    async def failing():
        async with lease.hold(database, "work", "one"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    assert await lease_row(database) is None


async def test_the_lease_ends_with_a_block_that_is_cancelled(database):
    inside = asyncio.Event()

    async def endless():
        async with lease.hold(database, "work", "one"):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(endless())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert await lease_row(database) is None


async def test_who_did_not_get_the_lease_does_not_give_it_back(database):
    await lease.take(database, "work", "one")
    async with lease.hold(database, "work", "two") as ours:
        assert not ours
    assert (await lease_row(database)).holder == "one"


async def test_who_lost_the_lease_does_not_take_it_from_the_next_holder(database):
    async with lease.hold(database, "work", "slow"):
        await move_time(database, minutes=2)
        await lease.take(database, "work", "next")
    assert (await lease_row(database)).holder == "next"


async def test_a_lease_is_prolonged_while_its_block_runs(database):
    length = timedelta(seconds=3)
    async with lease.hold(database, "work", "one", length):
        first = (await lease_row(database)).until

        async def later():
            return (await lease_row(database)).until > first

        await until(later)


@pytest.mark.parametrize("trouble", [UnreachableError("gone"), OperationalError("UPDATE", {}, Exception("locked"))])
async def test_a_database_that_is_away_for_a_moment_ends_neither_the_prolonging_nor_the_block(
    database, monkeypatch, trouble
):
    length, failures = timedelta(seconds=3), []
    really = database.begin

    def begin():
        if failures:
            return really()
        failures.append(trouble)
        raise trouble

    async with lease.hold(database, "work", "one", length):
        first = (await lease_row(database)).until
        monkeypatch.setattr(database, "begin", begin)

        async def later():
            return (await lease_row(database)).until > first

        await until(later)
    assert failures


async def test_a_lease_that_cannot_be_given_back_does_not_hide_that_its_work_was_done(database, monkeypatch):
    def gone():
        raise UnreachableError("gone")

    async with lease.hold(database, "work", "one") as ours:
        assert ours
        monkeypatch.setattr(database, "begin", gone)
    monkeypatch.undo()
    assert (await lease_row(database)).holder == "one"


async def test_an_end_exactly_now_is_an_end(database):
    await lease.take(database, "work", "one")
    async with database.begin() as db:
        await db.execute(update(lease.leases).values(until=datetime.now(UTC) - timedelta(seconds=1)))
    assert await lease.take(database, "work", "two")
