"""Compares the counts of a day with its calls, counted from the beginning, and corrects what differs.

All is read as of one moment: the calls, the counts, and the changes that are still to be added. The difference is added
like a change, so it is right whatever was added meanwhile.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import fold
from app.archive.daily.contribution import ALL
from app.archive.daily.sums import Sums
from app.archive.queries.paging.position import Position, calls_after
from app.archive.schema.count_tables import (
    MEASURES,
    call_counts,
    count_changes,
    count_proofs,
    counts_of_hours,
    day_counts,
)
from app.archive.schema.dimensions import CALL_DIMENSIONS, DIMENSIONS
from app.archive.schema.periods import begin_of_day, hours_of_day
from app.archive.schema.tables import call_records
from app.db import Database, upsert

CALLS = 2000  # read at once
VALUES = 200  # of which the hours are read at once
LAST = timedelta(days=1) - timedelta(microseconds=1)  # of a day; there is no day after 9999-12-31

calls, counts, changes, proofs = call_records.c, call_counts.c, count_changes.c, count_proofs.c


async def prove(database: Database, day: str, *, rest: float = 0.0) -> int:
    """How many rows of the day's counts were wrong; they are right afterwards. For one process at a time."""
    async with database.snapshot() as db:
        actual, waiting = await _counted_anew(db, day, rest), await _waiting(db, day)
        expected = actual.without(waiting)
        of_days = await _stored_days(db, day, expected)
        of_hours = await _stored_hours(db, day, expected, of_days)
    wrong_hours, wrong_days = expected.without(of_hours), expected.by_day().without(of_days)
    drift = len(wrong_hours) + len(wrong_days)
    async with database.begin() as db:
        await fold.add_hours(db, wrong_hours)
        await fold.add_days(db, wrong_days)
        await db.execute(_noted(database.dialect, day, drift))
    return drift


async def next_day(db: AsyncConnection) -> str | None:
    """The day that was not proven for the longest time: days that never were come first, the newest of them."""
    found = day_counts.c
    days = select(found.day).where(found.dimension == ALL).distinct().cte("days")
    wanted = select(days.c.day).join(count_proofs, proofs.day == days.c.day, isouter=True)
    wanted = wanted.order_by(proofs.proven_at.is_not(None), proofs.proven_at, days.c.day.desc())
    day: str | None = await db.scalar(wanted.limit(1))
    return day


async def _counted_anew(db: AsyncConnection, day: str, rest: float) -> Sums:
    clock = asyncio.get_running_loop().time
    sums, after = Sums(), None
    while True:
        begun = clock()
        found = (await db.execute(_some(day, after))).all()
        if not found:
            return sums
        await asyncio.to_thread(sums.add_calls, [(tenant_id, hour, 1, text) for _, _, tenant_id, hour, text in found])
        after = Position(*found[-1][:2])
        await asyncio.sleep(rest * (clock() - begun))


def _some(day: str, after: Position | None) -> Select[Any]:
    begin, hours = begin_of_day(day), hours_of_day(day)
    position = (calls.ordered_at, calls.key)
    wanted = select(*position, calls.tenant_id, counts.hour, counts.counts)
    wanted = wanted.join(call_counts, counts.call_key == calls.key)
    wanted = wanted.where(calls.ordered_at >= begin, calls.ordered_at <= begin + LAST)
    wanted = wanted.where(counts.hour.between(hours[0], hours[-1]))
    if after is not None:
        wanted = wanted.where(calls_after("start", after))
    return wanted.order_by(*position).limit(CALLS)


async def _waiting(db: AsyncConnection, day: str) -> Sums:
    hours = hours_of_day(day)
    wanted = select(changes.tenant_id, changes.hour, changes.sign, changes.counts)
    found = (await db.execute(wanted.where(changes.hour.between(hours[0], hours[-1])))).all()
    sums = Sums()
    await asyncio.to_thread(sums.add_calls, found)
    return sums


async def _stored_days(db: AsyncConnection, day: str, expected: Sums) -> Sums:
    dimensions = {ALL, *DIMENSIONS, *CALL_DIMENSIONS, *(dimension for dimension, _ in expected.values())}
    found = day_counts.c
    return await _stored(db, found, "day", found.dimension.in_(sorted(dimensions)), found.day == day)


async def _stored_hours(db: AsyncConnection, day: str, *by_value: Sums) -> Sums:
    """The rows of the values that these sums have."""
    values, hours, found = sorted({value for sums in by_value for value in sums.values()}), hours_of_day(day), Sums()
    for start in range(0, len(values), VALUES):
        of = counts_of_hours.c
        these = tuple_(of.dimension, of.value).in_(values[start : start + VALUES])
        found.add_all(await _stored(db, of, "hour", these, of.hour.between(hours[0], hours[-1])))
    return found


async def _stored(db: AsyncConnection, of: Any, period: str, *conditions: ColumnElement[bool]) -> Sums:
    sums, key = Sums(), (of.dimension, of.value, of[period], of.tenant_id)
    for dimension, value, at, tenant_id, *measures in await db.execute(
        select(*key, *(of[name] for name in MEASURES)).where(*conditions)
    ):
        sums.add((dimension, value, at, tenant_id), measures)
    return sums


def _noted(dialect: str, day: str, drift: int) -> Executable:
    values = {"proven_at": datetime.now(UTC), "drift": drift}
    noted = upsert(count_proofs, dialect).values(day=day, **values)
    return noted.on_conflict_do_update(index_elements=["day"], set_=values)
