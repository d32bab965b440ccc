"""How many calls began on each day and how their streams went: of days that were counted from the tallies, else anew.

A year of calls is then read as fast as a week, and today's are never a minute old.
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

MOST_SPANS = 3  # of days that are counted anew; more are counted as one


async def counted(db: AsyncConnection, filters: Filters) -> list[Counted]:
    """Every day that the range touches, whole, in UTC; only range and tenants may be given.

    Only calls, streams and poor streams are told.
    """
    marked = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in await streams_per_day.uncounted(db, filters)]
    days = {day.start: _of_tally(day) for day in await streams_per_day.by_time(db, filters)}
    for first, end in _spans(marked):
        span = replace(filters, since=first, until=end)
        days |= {one.start: _alike(one.start, one.all) for one in await stats.counted(db, span, "day", None)}
    return [days[start] for start in sorted(days)]


def _spans(marked: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Days that follow each other, from the first to behind the last; of many all that lies between as well."""
    found: list[tuple[datetime, datetime]] = []
    for day in marked:
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], day + DAY)
        else:
            found.append((day, day + DAY))
    return iter(found) if len(found) <= MOST_SPANS else iter([(found[0][0], found[-1][1])])


def _of_tally(day: OnDay) -> Counted:
    return Counted(day.start, Counts(calls=day.calls, streams=day.streams, poor_streams=day.poor), {})


def _alike(start: datetime, counts: Counts) -> Counted:
    kept = Counts(calls=counts.calls, streams=counts.streams, poor_streams=counts.poor_streams)
    return Counted(start, kept, {})
