"""Gives back the space of deleted and replaced rows, and destroys what they still hold there.

A deleted row's bytes stay in the file until their space is used again. Only a table that is rewritten is free of
them; whatever copies were made before (backups, replicas, PostgreSQL's archived WAL) is out of our reach.
"""

import asyncio
from typing import Any

from app.db import Database

TRIES = 20
PAUSE = 0.25  # seconds
AS_LONG_AS_IT_TAKES = 86_400.0  # seconds; without it a limit that is set for other statements holds


async def rebuild(database: Database, tables: list[str]) -> bool:
    """Rewrite the file (SQLite) or these tables (PostgreSQL); other writers are blocked meanwhile.

    False where another process still reads a state of before, so that SQLite must keep its log for it.
    """
    async with database.driver() as driver:
        if database.dialect == "postgresql":
            for table in tables:
                await driver.execute(f'VACUUM (FULL, ANALYZE) "{table}"', timeout=AS_LONG_AS_IT_TAKES)
            return True
        return await _rebuild_sqlite(driver)


async def reuse(database: Database, tables: list[str]) -> None:
    """Let PostgreSQL reuse the space now, without blocking others. SQLite does so automatically."""
    if database.dialect == "postgresql":
        async with database.driver() as driver:
            for table in tables:
                await driver.execute(f'VACUUM (ANALYZE) "{table}"', timeout=AS_LONG_AS_IT_TAKES)


async def _rebuild_sqlite(driver: Any) -> bool:
    await driver.execute("PRAGMA temp_store=FILE")  # in memory it would contain the complete archive
    try:
        await driver.execute("VACUUM")
        for _ in range(TRIES):
            cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = await cursor.fetchone()
            if not busy:
                return True
            await asyncio.sleep(PAUSE)
        return False
    finally:
        await driver.execute("PRAGMA temp_store=MEMORY")
