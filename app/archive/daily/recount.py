"""Counts the changed days again, the newest first, in small transactions, so that saving and reading never wait."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.sums import ALL, Day
from app.archive.queries.paging.position import Position, calls_after
from app.archive.schema.daily_tables import call_tallies, day_tallies, untallied_days
from app.archive.schema.dimensions import DIMENSIONS
from app.archive.schema.tables import call_records
from app.db import Database
from app.db.bulk import insert_rows

CALLS = 500  # read at once
MARKS = 100_000  # read at once
CHUNK = 500  # marks deleted in one statement
PAUSE = 0.02  # seconds in which other transactions run
LAST = timedelta(days=1) - timedelta(microseconds=1)  # of a day; there is no day after 9999-12-31

calls, counts_of_calls, changed_days = call_records.c, call_tallies.c, untallied_days.c


async def recount(database: Database) -> int:
    """Count every day that is marked now; how many that were. For one process at a time."""
    async with database.reading() as db:
        marks = await marked(db)
    for day in sorted(marks, reverse=True):
        await _recount(database, day, marks[day])
        await asyncio.sleep(PAUSE)
    return len(marks)


async def marked(db: AsyncConnection) -> dict[str, list[int]]:
    """The days that changed since they were counted, with the keys of their marks."""
    marks = defaultdict(list)
    wanted = select(changed_days.day, changed_days.key).order_by(changed_days.day.desc()).limit(MARKS)
    for day, key in await db.execute(wanted):
        marks[day].append(key)
    return marks


async def _recount(database: Database, day: str, marks: Sequence[int]) -> None:
    """A call that is saved from now on has a mark that is not among these, so the day is counted again afterwards."""
    counted = Day()
    after: Position | None = None
    while True:
        async with database.reading() as db:
            found = (await db.execute(_some(day, after))).all()
        if not found:
            break
        await asyncio.to_thread(counted.add, [call[2:] for call in found])
        after = Position(*found[-1][:2])
    async with database.begin() as db:
        await _replace(db, day, counted)
        for start in range(0, len(marks), CHUNK):
            await db.execute(delete(untallied_days).where(changed_days.key.in_(marks[start : start + CHUNK])))


def _some(day: str, after: Position | None) -> Select[Any]:
    begin = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    position = (calls.ordered_at, calls.key)
    wanted = select(*position, calls.tenant_id, calls.quality, counts_of_calls.tallies)
    wanted = wanted.join(call_tallies, counts_of_calls.call_key == calls.key)
    wanted = wanted.where(calls.ordered_at >= begin, calls.ordered_at <= begin + LAST)
    if after is not None:
        wanted = wanted.where(calls_after("start", after))
    return wanted.order_by(*position).limit(CALLS)


async def _replace(db: AsyncConnection, day: str, counted: Day) -> None:
    counts = day_tallies.c
    await db.execute(delete(day_tallies).where(counts.dimension.in_((ALL, *DIMENSIONS)), counts.day == day))
    await insert_rows(db, day_tallies, counted.rows(day))
