"""Reading connections whose statements are limited."""

import pytest
from sqlalchemy import text

from app.db import TooSlowError

pytestmark = pytest.mark.anyio

ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(600)",
}


@pytest.fixture
async def readers(database):
    readers = database.for_readers(2, 0.3)
    yield readers
    await readers.close()


async def test_a_statement_above_the_limit_is_stopped_and_its_connection_reads_on(database, readers):
    for _ in range(3):  # more often than there are connections
        with pytest.raises(TooSlowError, match="longer than 0 s"):
            async with readers.reading() as db:
                await db.execute(text(ENDLESS[database.dialect]))
    async with readers.snapshot() as db:
        assert await db.scalar(text("SELECT 1")) == 1


async def test_readers_cannot_write(database, readers):
    with pytest.raises(Exception, match=r"readonly|read-only"):
        async with readers.snapshot() as db:
            await db.execute(text("CREATE TABLE t (i integer)"))
