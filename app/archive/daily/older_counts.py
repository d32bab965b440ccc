"""Moves what calls add to the counts from where older programs stored it: at first all calls of the archive, and later
those that an older program saves beside this one.

A call that waits here is in no counts of this program. The newest day comes first. Until all of its calls are moved,
a day is read from the counts of the older program.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import changes
from app.archive.daily.contribution import ALL
from app.archive.schema.count_tables import day_counts
from app.archive.schema.daily_tables import call_tallies, day_tallies, untallied_days
from app.archive.schema.dimensions import CALL_DIMENSIONS
from app.archive.schema.tables import call_records
from app.db import Database, direct

CALLS = 500  # moved in one transaction

older, calls = call_tallies.c, call_records.c

_COLUMNS = (
    "ordered_at",
    "quality",
    "failed",
    "duration_seconds",
    "participants_seen",
    "participant_count",
    "stream_count",
    "poor_stream_count",
)


async def move(database: Database) -> int:
    """Move some calls of the newest day that has such; how many there were."""
    async with database.reading() as db:
        day = await db.scalar(select(func.max(older.day)))
        some = select(older.call_key).where(older.day == day).limit(CALLS)
        keys = [] if day is None else (await db.execute(some)).scalars().all()
    if keys:
        async with database.begin() as db:
            await _move(db, keys)
    return len(keys)


async def _move(db: AsyncConnection, keys: Sequence[int]) -> None:
    """A transaction that saves or removes one of these calls waits for the row that is deleted first."""
    taken = delete(call_tallies).where(older.call_key.in_(keys)).returning(older.call_key, older.tallies)
    counts = {row.call_key: row.tallies for row in await db.execute(taken)}
    await changes.remove(db, list(counts))  # of those that were counted before an older program saved them again
    wanted = select(calls.key, *(calls[name] for name in sorted({*_COLUMNS, *CALL_DIMENSIONS.values()})))
    rows: Sequence[Mapping[Any, Any]] = (await db.execute(wanted.where(calls.key.in_(list(counts))))).mappings().all()
    await direct.run(db, changes.adding(db.dialect, [(row["key"], row, counts[row["key"]]) for row in rows]))


async def waiting(db: AsyncConnection, within: Sequence[ColumnElement[bool]] = ()) -> list[str]:
    """The days with calls that are still to be moved; each is one step in the index. ``within`` are its conditions."""
    first = select(func.min(older.day)).where(*within).scalar_subquery()
    days = select(first.label("day")).cte("days", recursive=True)
    following = select(func.min(older.day)).where(older.day > days.c.day, *within).scalar_subquery()
    days = days.union_all(select(following).where(days.c.day.is_not(None)))
    found = select(days.c.day).where(days.c.day.is_not(None)).order_by(days.c.day)
    return list((await db.execute(found)).scalars())


async def is_left(db: AsyncConnection) -> bool:
    """Whether there is something to move or to delete."""
    left = [await db.scalar(select(table.c.day).limit(1)) for table in (call_tallies, day_tallies)]
    return any(day is not None for day in left)


async def better(db: AsyncConnection, days: Collection[str]) -> list[str]:
    """Those of these days of which an older program counted more calls than this one."""
    if not days:
        return []
    old, new = [await _calls(db, table.c, days) for table in (day_tallies, day_counts)]
    return sorted(day for day, count in old.items() if count > new.get(day, 0))


async def _calls(db: AsyncConnection, table: Any, days: Collection[str]) -> dict[str, int]:
    wanted = select(table.day, func.sum(table.calls)).where(table.dimension == ALL, table.day.in_(days))
    return {day: int(count) for day, count in await db.execute(wanted.group_by(table.day))}


async def remove_all(database: Database) -> None:
    """Delete the counts of older programs when nothing waits any more, some at a time: they name devices."""
    old = day_tallies.c
    while True:
        async with database.reading() as db:
            first = None if await waiting(db) else (await db.execute(select(old.dimension, old.day).limit(1))).first()
        if first is None:
            return
        async with database.begin() as db:
            await db.execute(delete(untallied_days).where(untallied_days.c.day == first.day))
            await db.execute(delete(day_tallies).where(old.dimension == first.dimension, old.day == first.day))
