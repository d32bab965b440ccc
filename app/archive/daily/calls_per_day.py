"""Calls, streams and poor streams of each day: from the daily counts, and counted now for days that changed since.

A year of calls is read as fast as a week, and the numbers of today are never old.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import streams_per_day
from app.archive.daily.streams_per_day import DAY, OnDay
from app.archive.queries import stats
from app.archive.queries.filters import Filters
from app.archive.queries.stats import Counted, Counts

MOST_RANGES = 3  # of days that are counted now; more are counted as one range


async def counted(db: AsyncConnection, filters: Filters) -> list[Counted]:
    """Every complete day (UTC) that the range touches. Of the filters only the range and the tenants may be given.

    Of the counts only calls, streams and poor streams are filled.
    """
    changed = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in await streams_per_day.uncounted(db, filters)]
    days = {day.start: _from_daily_counts(day) for day in await streams_per_day.by_time(db, filters)}
    for first, end in _ranges(changed):
        within = replace(filters, since=first, until=end)
        days |= {day.start: _reduced(day.start, day.all) for day in await stats.counted(db, within, "day", None)}
    return [days[start] for start in sorted(days)]


def _ranges(days: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Half-open ranges of consecutive days; one range over all of them where there would be many."""
    found: list[tuple[datetime, datetime]] = []
    for day in days:
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], day + DAY)
        else:
            found.append((day, day + DAY))
    return iter(found) if len(found) <= MOST_RANGES else iter([(found[0][0], found[-1][1])])


def _from_daily_counts(day: OnDay) -> Counted:
    return Counted(day.start, Counts(calls=day.calls, streams=day.streams, poor_streams=day.poor), {})


def _reduced(start: datetime, counts: Counts) -> Counted:
    """Only what the daily counts have as well."""
    return Counted(start, Counts(calls=counts.calls, streams=counts.streams, poor_streams=counts.poor_streams), {})
