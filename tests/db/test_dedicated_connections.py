import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db import Database, Limits
from app.db.outage import causes
from app.inbox import tenant_state

pytestmark = pytest.mark.anyio
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def dedicated(database):
    own = database.dedicated(Limits(statement=0.5, lock=0.1))
    await own.warm()
    yield own
    await own.close()


async def tenants(database):
    async with database.reading() as db:
        return list(await db.scalars(text("SELECT tenant_id FROM tenants")))


async def test_they_read_while_every_other_reader_is_busy(database, dedicated):
    async with AsyncExitStack() as readers:
        for _ in range(4):
            await readers.enter_async_context(database.reading())
        assert await asyncio.wait_for(tenants(dedicated), 10) == []


async def test_they_write_to_the_same_database(database, dedicated):
    async with dedicated.writing() as db:
        await tenant_state.ensure_rows(db, ["t"])
    assert await tenants(database) == ["t"]


async def test_closing_them_leaves_the_others_open(database):
    own = database.dedicated(Limits(statement=1))
    await tenants(own)
    await own.close()
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, ["t"])
    assert await tenants(database) == ["t"]


async def test_on_postgresql_a_statement_has_a_limit_of_its_own_and_the_next_one_a_new_connection(postgresql_url):
    database = Database.open(postgresql_url, pool=1)
    own = database.dedicated(Limits(statement=0.2))
    async with database.begin() as db:
        with pytest.raises(TimeoutError):
            async with own.reading() as limited:
                await limited.execute(text("SELECT pg_sleep(20)"))
        await db.execute(text("SELECT pg_sleep(0.4)"))
    async with own.reading() as db:
        assert await db.scalar(text("SELECT 1")) == 1
    await own.close()
    await database.close()


@on_postgresql
async def test_each_statement_commits_alone_and_a_refused_one_does_not_stop_the_next(database, dedicated):
    async with dedicated.writing() as db:
        await tenant_state.ensure_rows(db, ["a"])
        assert await tenants(database) == ["a"]
        with pytest.raises(DBAPIError):
            await db.execute(text("SELECT 1/0"))
        await db.rollback()
        await tenant_state.ensure_rows(db, ["b"])
    assert sorted(await tenants(database)) == ["a", "b"]


@on_postgresql
async def test_a_wait_for_a_lock_ends_soon_and_says_so(database, dedicated):
    async with database.begin() as other:
        await tenant_state.ensure_rows(other, ["t"])
        with pytest.raises(DBAPIError) as caught:
            async with dedicated.writing() as db:
                await tenant_state.ensure_rows(db, ["t"])
    assert causes.cause(caught.value) == causes.LOCK
