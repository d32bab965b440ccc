"""A database that hangs: another program holds a real lock."""

import sqlite3
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def locked(url):
    """Nobody else stores a notification until the end of the block; in PostgreSQL nobody reads the inbox either."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
        return
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE inbox, deferred_notices")
            yield
    finally:
        await other.close()
