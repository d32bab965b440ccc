"""Calls, minutes, people and streams by the hour or the day: from the counts, so that a year is read like a week.

The ends of the range that are no complete hours are counted from the calls, and so are, after an upgrade, the days
whose calls are still to be moved.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import older_counts, waiting_changes
from app.archive.daily.contribution import ALL
from app.archive.daily.departments import days, over_time
from app.archive.queries import stats
from app.archive.queries.filters import Filters, of_tenants
from app.archive.queries.stats import Bucket, By, Counted, Counts
from app.archive.schema.count_tables import MEASURES, count_changes, counts_of_hours, day_counts
from app.archive.schema.daily_tables import call_tallies
from app.archive.schema.department_tables import NAMES
from app.archive.schema.dimensions import CALL_DIMENSIONS, DIMENSIONS
from app.archive.schema.periods import begin_of, begin_of_day, day_of, day_of_hour, hour_of

Hours = tuple[int, int]
"""From the first hour to before the last."""

DAY = 24  # hours
MOST_RANGES = 3  # of waiting days; more are one range

COUNTED = {None, "tenant", *DIMENSIONS, *CALL_DIMENSIONS}
"""Departments have counts of their own, because the directory changes after a call was counted."""

Found = tuple[datetime, str | None, Counts]
"""When the hour or the day began, the value (None: of all calls), and the counts"""


class Plan(NamedTuple):
    """What is counted from calls, and what is read from the counts of hours and of days."""

    calls: list[tuple[datetime, datetime]]
    hours: list[Hours]
    days: list[Hours]


async def counted(db: AsyncConnection, filters: Filters, bucket: Bucket, by: By | None) -> list[Counted]:
    """Every bucket of the range, those without a call included. Of the filters only range, tenants and
    the sites of a caller may be given; calls of some sites are counted one by one.

    ``db`` reads all as of one moment: see Readers.snapshot.
    """
    assert filters.since is not None
    assert filters.until is not None
    if by == "department":
        return await _by_department(db, filters, bucket)
    if by not in COUNTED or filters.sites is not None:
        return await stats.counted(db, filters, bucket, by)
    found = {start: Counted(start, Counts(), {}) for start in stats.starts(filters.since, filters.until, bucket)}
    plan = planned(filters.since, filters.until, bucket, await _waiting_days(db, filters.since, filters.until))
    for first, end in plan.calls:
        for one in await stats.counted(db, replace(filters, since=first, until=end), bucket, by):
            _merge(found[one.start], one)
    for start, _, counts in await _of_all(db, filters, plan):
        found[stats.begin(start, bucket)].all.add(counts)
    if by is not None:
        for start, value, counts in await _by(db, filters, plan, by):
            found[stats.begin(start, bucket)].by.setdefault(value, Counts()).add(counts)
    return list(found.values())


async def _by_department(db: AsyncConnection, filters: Filters, bucket: Bucket) -> list[Counted]:
    found = {one.start: one for one in await counted(db, filters, bucket, None)}
    if await days.is_directory_empty(db):
        return [replace(one, by={None: one.all} if one.all.calls else {}) for one in found.values()]
    for start, department, counts in await over_time.read(db, filters, bucket):
        found[stats.begin(start, bucket)].by.setdefault(department or None, Counts()).add(counts)
    return list(found.values())


def planned(since: datetime, until: datetime, bucket: Bucket, waiting: Sequence[str]) -> Plan:
    """Pure. ``waiting`` are the days that are counted from calls."""
    first, last = hour_of(since) + (since != begin_of(hour_of(since))), hour_of(until)
    if first >= last:
        return Plan([(since, until)], [], [])
    plan, at = Plan([], [], []), first
    if since < begin_of(first):
        plan.calls.append((since, begin_of(first)))
    for begin, end in ((max(begin, first), min(end, last)) for begin, end in _ranges(waiting)):
        if begin < end:
            _add_hours(plan, at, begin, bucket)
            plan.calls.append((begin_of(begin), begin_of(end)))
            at = end
    _add_hours(plan, at, last, bucket)
    if begin_of(last) < until:
        plan.calls.append((begin_of(last), until))
    return plan


def _add_hours(plan: Plan, first: int, last: int, bucket: Bucket) -> None:
    """Complete days of them as days."""
    day, end = -(-first // DAY) * DAY, last // DAY * DAY
    if bucket == "hour" or day >= end:
        day = end = last
    parts = ((plan.hours, first, day), (plan.days, day, end), (plan.hours, end, last))
    for to, start, until in parts:
        if start < until:
            to.append((start, until))


def _ranges(days: Sequence[str]) -> list[Hours]:
    """Ranges of consecutive days; one range over all of them where there would be many."""
    found: list[Hours] = []
    for start in (hour_of(begin_of_day(day)) for day in days):
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], start + DAY)
        else:
            found.append((start, start + DAY))
    return found if len(found) <= MOST_RANGES else [(found[0][0], found[-1][1])]


async def _waiting_days(db: AsyncConnection, since: datetime, until: datetime) -> list[str]:
    day = call_tallies.c.day
    return await older_counts.waiting(db, [day >= day_of(since), day <= day_of(until)])


async def _of_all(db: AsyncConnection, filters: Filters, plan: Plan) -> list[Found]:
    return await _read(db, filters, plan, ALL, of_tenant=False)


async def _by(db: AsyncConnection, filters: Filters, plan: Plan, by: By) -> list[Found]:
    return await _read(db, filters, plan, ALL if by == "tenant" else by, of_tenant=by == "tenant")


async def _read(db: AsyncConnection, filters: Filters, plan: Plan, dimension: str, *, of_tenant: bool) -> list[Found]:
    of_hours = _within(counts_of_hours.c.hour, plan.hours)
    of_days = _within(day_counts.c.day, [(day_of_hour(first), day_of_hour(last)) for first, last in plan.days])
    found = [
        *await _rows(db, filters, counts_of_hours.c, "hour", dimension, of_hours, of_tenant=of_tenant),
        *await _rows(db, filters, day_counts.c, "day", dimension, of_days, of_tenant=of_tenant),
    ]
    waiting = await waiting_changes.sums(db, filters, *_within(count_changes.c.hour, [*plan.hours, *plan.days]))
    for of, value, hour, tenant_id, *measures in waiting.rows():
        if of == dimension:
            named = dict(zip(MEASURES, measures, strict=True))
            counts = over_time.counts_of([named[name] for name in NAMES])
            found.append((begin_of(hour), tenant_id if of_tenant else value or None, counts))
    return found


async def _rows(
    db: AsyncConnection,
    filters: Filters,
    counts: Any,
    period: str,
    dimension: str,
    within: list[ColumnElement[bool]],
    *,
    of_tenant: bool,
) -> list[Found]:
    at, value = counts[period], counts.tenant_id if of_tenant else counts.value
    wanted = select(at, value, *(func.sum(counts[name]) for name in NAMES)).group_by(at, value)
    wanted = wanted.where(counts.dimension == dimension, *within, *of_tenants(filters.visible(), counts.tenant_id))
    return [
        (begin_of(when) if period == "hour" else begin_of_day(when), name or None, over_time.counts_of(numbers))
        for when, name, *numbers in await db.execute(wanted)
    ]


def _within(period: ColumnElement[Any], ranges: Sequence[tuple[Any, Any]]) -> list[ColumnElement[bool]]:
    return [or_(false(), *((period >= first) & (period < end) for first, end in ranges))]


def _merge(into: Counted, other: Counted) -> None:
    into.all.add(other.all)
    for value, counts in other.by.items():
        into.by.setdefault(value, Counts()).add(counts)
