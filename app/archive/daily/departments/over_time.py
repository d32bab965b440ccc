"""Calls of each department by the hour or the day: from stored counts, and from the calls of days without them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.departments import counting, days
from app.archive.queries.filters import Filters, of_tenants
from app.archive.queries.stats import Bucket, Counts
from app.archive.schema.department_tables import NAMES, WHOLE_DAY, department_counts
from app.archive.schema.periods import HOUR, begin_of, begin_of_day, day_of

Found = tuple[datetime, str, Counts]
"""When the hour or the day began, the department (empty: of calls without one), and the counts"""

DAY = timedelta(days=1)

n = department_counts.c


class Part(NamedTuple):
    """A part of a day, from the calls or from the counts of its hours or of the complete day."""

    since: datetime
    until: datetime
    source: str  # calls, hours, day


async def read(db: AsyncConnection, filters: Filters, bucket: Bucket) -> list[Found]:
    """Of the filters only the range, the tenants and the sites of a caller may be given. ``db`` reads all as of one
    moment: see Readers.snapshot.
    """
    assert filters.since is not None
    assert filters.until is not None
    last = filters.until - timedelta(microseconds=1)
    right = set() if filters.sites is not None else await days.counted(db, day_of(filters.since), day_of(last))
    found, whole = list[Found](), list[str]()
    for since, until, source in parts(filters.since, filters.until, right, bucket):
        if source == "day":
            whole.append(day_of(since))
        elif source == "hours":
            found += await _of_hours(db, filters, since, until)
        else:
            live = await counting.counted(db, replace(filters, since=since, until=until))
            found += [(begin_of(hour), department, counts) for (hour, _, department), counts in live.items()]
    return found + (await _of_days(db, filters, whole) if whole else [])


def parts(since: datetime, until: datetime, right: set[str], bucket: Bucket) -> Iterator[Part]:
    """Pure. ``right`` are the days whose counts are right; calls of other days are counted, consecutive days as one."""
    calls: Part | None = None
    for part in _of_each_day(since, until, right, bucket):
        if calls is not None and part.source == "calls" and calls.until == part.since:
            calls = Part(calls.since, part.until, "calls")
            continue
        if calls is not None:
            yield calls
        calls = part if part.source == "calls" else None
        if calls is None:
            yield part
    if calls is not None:
        yield calls


def _of_each_day(since: datetime, until: datetime, right: set[str], bucket: Bucket) -> Iterator[Part]:
    start = begin_of_day(day_of(since))
    while start < until:
        begin, end = max(start, since), min(start + DAY, until)
        if day_of(start) not in right:
            yield Part(begin, end, "calls")
        elif bucket == "day" and end - begin == DAY:
            yield Part(begin, end, "day")
        else:
            yield from _of_hours_of_a_day(begin, end)
        start += DAY


def _of_hours_of_a_day(begin: datetime, end: datetime) -> Iterator[Part]:
    """Incomplete hours are counted from their calls."""
    first = begin.replace(minute=0, second=0, microsecond=0)
    first = first if first == begin else first + HOUR
    last = end.replace(minute=0, second=0, microsecond=0)
    edges = [(begin, min(first, end), "calls"), (first, last, "hours"), (max(last, first), end, "calls")]
    yield from (Part(*edge) for edge in edges if edge[0] < edge[1])


async def _of_hours(db: AsyncConnection, filters: Filters, since: datetime, until: datetime) -> list[Found]:
    """Hours of one day."""
    day = day_of(since)
    start, last = begin_of_day(day), until - HOUR
    hours = n.hour.between(since.hour, last.hour)
    rows = await _rows(db, filters, n.hour, n.day == day, hours)
    return [(start + hour * HOUR, department, counts) for hour, department, counts in rows]


async def _of_days(db: AsyncConnection, filters: Filters, whole: list[str]) -> list[Found]:
    rows = await _rows(db, filters, n.day, n.day.in_(whole), n.hour == WHOLE_DAY)
    return [(begin_of_day(day), department, counts) for day, department, counts in rows]


async def _rows(
    db: AsyncConnection, filters: Filters, period: ColumnElement[Any], *within: ColumnElement[bool]
) -> list[tuple[Any, str, Counts]]:
    wanted = select(period, n.department, *(func.sum(n[name]) for name in NAMES)).group_by(period, n.department)
    found = await db.execute(wanted.where(*within, *of_tenants(filters.visible(), n.tenant_id)))
    return [(at, department, counts_of(numbers)) for at, department, *numbers in found]


def counts_of(numbers: list[int]) -> Counts:
    """From columns in the order of NAMES."""
    calls, milliseconds, *others = map(int, numbers)
    return Counts(calls, milliseconds / 1000, *others)
