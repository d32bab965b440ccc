"""Counts the marked days anew, the newest first, in small transactions: nobody who saves or reads waits for it."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.sums import ALL, Day
from app.archive.queries.cursor import Place, behind
from app.archive.schema.daily_tables import call_tallies, day_tallies, untallied_days
from app.archive.schema.dimensions import DIMENSIONS
from app.archive.schema.tables import call_records
from app.db import Database, UtcDateTime
from app.db.bulk import insert_rows

CALLS = 500  # read at once
MARKS = 100_000  # known at once
CHUNK = 500  # marks removed in one statement
PAUSE = 0.02  # seconds in which others work
LAST = timedelta(days=1) - timedelta(microseconds=1)  # of a day; there is no day after 9999-12-31

c, t, u = call_records.c, call_tallies.c, untallied_days.c


async def recount(database: Database) -> int:
    """Counts every day that is marked now; how many that were. For one process at a time."""
    async with database.reading() as db:
        marks = await marked(db)
    for day in sorted(marks, reverse=True):
        await _recount(database, day, marks[day])
        await asyncio.sleep(PAUSE)
    return len(marks)


async def marked(db: AsyncConnection) -> dict[str, list[int]]:
    """The days whose tallies are not right any more, with the keys of their marks."""
    found = defaultdict(list)
    for day, key in await db.execute(select(u.day, u.key).order_by(u.day.desc()).limit(MARKS)):
        found[day].append(key)
    return found


async def _recount(database: Database, day: str, marks: Sequence[int]) -> None:
    """Whatever is saved from now on has a mark that is not among these: the day is counted again then."""
    counted = Day()
    after: Place | None = None
    while True:
        async with database.reading() as db:
            calls = (await db.execute(_some(day, after))).all()
        if not calls:
            break
        await asyncio.to_thread(counted.add, [call[2:] for call in calls])
        after = Place(*calls[-1][:2])
    async with database.begin() as db:
        await _replace(db, day, counted)
        for start in range(0, len(marks), CHUNK):
            await db.execute(delete(untallied_days).where(u.key.in_(marks[start : start + CHUNK])))


def _some(day: str, after: Place | None) -> Select[Any]:
    begin = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    wanted = select(c.ordered_at, c.key, c.tenant_id, c.quality, t.tallies).join(call_tallies, t.call_key == c.key)
    wanted = wanted.where(c.ordered_at >= begin, c.ordered_at <= begin + LAST)
    if after is not None:
        wanted = wanted.where(behind("start", tuple_(c.ordered_at, c.key), *after, types=(UtcDateTime(), None)))
    return wanted.order_by(c.ordered_at, c.key).limit(CALLS)


async def _replace(db: AsyncConnection, day: str, counted: Day) -> None:
    d = day_tallies.c
    await db.execute(delete(day_tallies).where(d.dimension.in_((ALL, *DIMENSIONS)), d.day == day))
    await insert_rows(db, day_tallies, counted.rows(day))
