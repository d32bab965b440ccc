"""A database that hangs: another program holds a real lock."""

import sqlite3
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def locked(url):
    """Nobody else writes to the inbox until the end of the block; in PostgreSQL nobody reads it either."""
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
            await other.execute("LOCK TABLE inbox")
            yield
    finally:
        await other.close()
