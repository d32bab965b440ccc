"""Deletes calls that are older than RETENTION, in small transactions that block no other writer.

A call's age counts from its end. On SQLite the file keeps its size and new calls take the places of the old ones;
``space.rebuild`` makes it smaller.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from app.archive.parse.record import ParsedRecord
from app.archive.retention import expired_log_rows
from app.archive.retention.delete_calls import delete_calls
from app.archive.schema.tables import call_records
from app.archive.store import people_index
from app.db import Database

SHORTEST = timedelta(days=1)
CALLS, STREAMS = 50, 5_000  # deleted in the first transaction, at most; one call may have more streams
FEWEST, MOST = 50, 1_000  # calls in a later transaction, by how long the one before it took
LENGTH = 0.08  # seconds that a transaction should take: on SQLite others wait for it
PAUSE = 0.02  # seconds in which others write

# Graph writes 0001-01-01 for times it does not know: such a call is as old as our knowledge of it.
UNKNOWN = datetime(2017, 1, 1, tzinfo=UTC)  # Teams is younger

c = call_records.c


def is_over(record: ParsedRecord, retention: timedelta | None, now: datetime) -> bool:
    """Whether the call is older than RETENTION: it would be deleted at once, and fetched again."""
    if retention is None:
        return False
    return aged_from(record.end, record.row["ordered_at"], record.stored_at) < now - retention


def aged_from(end: datetime | None, start: datetime | None, otherwise: datetime) -> datetime:
    return next((moment for moment in (end, start) if moment and moment >= UNKNOWN), otherwise)


async def count(db: AsyncConnection, before: datetime) -> int:
    """How many calls ended before."""
    return await db.scalar(select(func.count()).select_from(call_records).where(_over(before))) or 0


async def purge(database: Database, before: datetime) -> AsyncIterator[Counter[str]]:
    """Deletes the calls that ended before; what one transaction deleted, by table, after each.

    Each continues behind the last one, because PostgreSQL would read past all deleted calls again. A call that another
    transaction has locked is left to the second pass.
    """
    clock, most, after, deleted_some = asyncio.get_running_loop().time, CALLS, None, False
    while True:
        async with database.begin() as db:
            begun = clock()
            calls = await _some(db, before, most, after)
            keys = [call.key for call in calls]
            deleted = await _delete(db, keys) if keys else Counter()
        if keys:
            most = next_size(len(calls), clock() - begun)
            after, deleted_some = (calls[-1].ordered_at, calls[-1].key), True
            yield deleted
            await asyncio.sleep(PAUSE)
        elif deleted_some:
            after, deleted_some = None, False
        else:
            break
    if people := await people_index.remove_idle(database):
        yield Counter(people=people)


def next_size(calls: int, seconds: float) -> int:
    """How many calls the next transaction may delete, at most twice as many as the last one did. Pure."""
    return max(FEWEST, min(MOST, 2 * calls, int(calls * LENGTH / max(seconds, 0.001))))


async def _some(
    db: AsyncConnection, before: datetime, most: int, after: tuple[datetime, int] | None
) -> list[Row[int, datetime, int]]:
    wanted = select(c.key, c.ordered_at, c.stream_count).where(_over(before)).order_by(c.ordered_at, c.key).limit(most)
    if after is not None:
        wanted = wanted.where(tuple_(c.ordered_at, c.key) > after)
    rows = (await db.execute(wanted.with_for_update(skip_locked=True))).all()
    return [row for row, before_it in zip(rows, _sums(rows), strict=True) if before_it < STREAMS]


def _sums(rows: Any) -> list[int]:
    """Of each row, the streams of those before it."""
    sums = [0]
    for row in rows[:-1]:
        sums.append(sums[-1] + row.stream_count)
    return sums[: len(rows)]


async def _delete(db: AsyncConnection, keys: list[int]) -> Counter[str]:
    deleted = await delete_calls(db, keys)
    await expired_log_rows.release(db, keys)
    return deleted


def _over(before: datetime) -> ColumnElement[bool]:
    by_index = c.ordered_at < before  # a call begins before it ends
    known_end = case((c.end_date_time >= UNKNOWN, c.end_date_time), else_=None)
    known_start = case((c.ordered_at >= UNKNOWN, c.ordered_at), else_=None)
    return and_(by_index, func.coalesce(known_end, known_start, c.first_stored_at) < before)
