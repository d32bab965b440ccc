"""Counts the departments of days again whose calls or whose directory changed, in the process that has the lease.

An entry of the index without an address belongs to a department only once another call names the address. So the day
that was not counted for the longest time is counted again with each pass.
"""

import asyncio
from datetime import timedelta

import orjson
from sqlalchemy import Insert, delete, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.departments import counting, days
from app.archive.daily.departments.counting import Key
from app.archive.queries.filters import Filters
from app.archive.queries.stats import Counts
from app.archive.schema.department_tables import NAMES, WHOLE_DAY, department_counts
from app.archive.schema.periods import DAY, begin_of_day
from app.db import Database, JsonRows, lease
from app.observability import log

EVERY = timedelta(minutes=1)
REST = 4  # times as long as a day took: it takes at most a fifth of a core

_log = log.get(__name__)
_KEY = ("day", "hour", "tenant_id", "department")


class CountDepartments:
    """A periodic job."""

    def __init__(self, database: Database, *, holder: str, every: timedelta = EVERY, rest: float = REST) -> None:
        self._database = database
        self._holder = holder
        self.every = every
        self.rest = 0.0  # it rests after each day
        self._rest_after_day = rest

    async def once(self) -> int:
        """How many days were counted; none where there is no directory, or where another process counts."""
        async with self._database.reading() as db:
            if await days.is_directory_empty(db):
                return 0
        async with lease.hold(self._database, "departments", self._holder) as is_ours:
            return await self._all() if is_ours else 0

    def on_error(self, error: str, times: int) -> None:
        _log.error("departments_not_counted", error=error, times=times)

    async def _all(self) -> int:
        clock, counted = asyncio.get_running_loop().time, 0
        async with self._database.reading() as db:
            wrong, oldest = await days.to_count(db), await days.oldest(db)
        for day in [*wrong, *([oldest] if oldest and oldest not in wrong else [])]:
            begun = clock()
            counted += await count(self._database, day)
            await asyncio.sleep(self._rest_after_day * (clock() - begun))
        return counted


async def count(database: Database, day: str) -> bool:
    """Count a day again; False where its calls are being changed."""
    begin = begin_of_day(day)
    async with database.snapshot() as db:
        if day in await days.waiting(db, day, day):
            return False
        changes, revision = await days.changes(db, day), await days.revision(db)
        found = await counting.counted(db, Filters(since=begin, until=begin + DAY))
    async with database.begin() as db:
        if not await days.note(db, day, changes, revision):
            return False
        await db.execute(delete(department_counts).where(department_counts.c.day == day))
        await _insert(db, _rows(day, found))
    return True


def _rows(day: str, found: dict[Key, Counts]) -> list[list[object]]:
    """Of the hours and of the complete day."""
    whole: dict[tuple[str, str], Counts] = {}
    for (_, *of), counts in found.items():
        whole.setdefault((of[0], of[1]), Counts()).add(counts)
    rows = [[day, hour % 24, *of, *_measures(counts)] for (hour, *of), counts in found.items()]
    return [*rows, *([day, WHOLE_DAY, *of, *_measures(counts)] for of, counts in whole.items())]


def _measures(counts: Counts) -> list[int]:
    numbers = (counts.participants, counts.failed, counts.poor, counts.streams, counts.poor_streams)
    return [counts.calls, round(1000 * counts.seconds), *numbers]


async def _insert(db: AsyncConnection, rows: list[list[object]]) -> None:
    if rows:
        await db.execute(_inserting(db.dialect.name), {"rows": orjson.dumps(rows).decode()})


def _inserting(dialect: str) -> Insert:
    given, columns = JsonRows(dialect), (*_KEY, *NAMES)
    values = [given.column(place, department_counts.c[name].type) for place, name in enumerate(columns)]
    return insert(department_counts).from_select(list(columns), select(*values).where(true()))
