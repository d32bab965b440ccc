import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from app.db import Database
from app.inbox import tenant_state

pytestmark = pytest.mark.anyio


@pytest.fixture
async def dedicated(database):
    own = database.dedicated(1, statement_limit=0.2)
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
    async with dedicated.begin() as db:
        await tenant_state.ensure_rows(db, ["t"])
    assert await tenants(database) == ["t"]


async def test_closing_them_leaves_the_others_open(database):
    own = database.dedicated(1, statement_limit=1)
    await tenants(own)
    await own.close()
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, ["t"])
    assert await tenants(database) == ["t"]


async def test_on_postgresql_they_have_a_pool_and_a_statement_limit_of_their_own(postgresql_url):
    database = Database.open(postgresql_url, pool=1)
    own = database.dedicated(1, statement_limit=0.2)
    async with database.begin() as db:
        with pytest.raises(TimeoutError):
            async with own.reading() as limited:
                await limited.execute(text("SELECT pg_sleep(20)"))
        await db.execute(text("SELECT pg_sleep(0.4)"))
    await own.close()
    await database.close()
