"""Deletes rows of the PSTN and Direct Routing logs whose calls are older than RETENTION, in small transactions."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from app.archive.schema.microseconds import microseconds
from app.db import Database

BATCH = 500
PAUSE = 0.02  # seconds in which others write

r = call_log_rows.c


async def count(db: AsyncConnection, before: datetime) -> int:
    """How many rows are of calls that ended before."""
    return await db.scalar(select(func.count()).select_from(call_log_rows).where(_over(before))) or 0


async def purge(database: Database, before: datetime) -> AsyncIterator[Counter[str]]:
    """Deletes the rows of calls that ended before; what one transaction deleted, by table, after each."""
    while True:
        async with database.begin() as db:
            some = select(r.key).where(_over(before)).order_by(r.ordered_at, r.key).limit(BATCH)
            keys = list((await db.execute(some.with_for_update(skip_locked=True))).scalars())
            deleted = await _delete(db, keys) if keys else Counter()
        if not keys:
            return
        yield deleted
        await asyncio.sleep(PAUSE)


async def release(db: AsyncConnection, call_keys: list[int]) -> None:
    """Rows that were joined with these calls, which are deleted, have no call any more."""
    joined = update(call_log_rows).where(r.call_key.in_(call_keys))
    await db.execute(joined.values(call_key=None, join_method=None))


async def _delete(db: AsyncConnection, keys: list[int]) -> Counter[str]:
    versions = await db.execute(delete(call_log_row_versions).where(call_log_row_versions.c.row_key.in_(keys)))
    rows = await db.execute(delete(call_log_rows).where(r.key.in_(keys)))
    return +Counter(call_log_rows=rows.rowcount, call_log_row_versions=versions.rowcount)


def _over(before: datetime) -> ColumnElement[bool]:
    at = microseconds(before)
    return and_(r.ordered_at < at, func.coalesce(r.end_at, r.occupied_until, r.ordered_at) < at)
