"""Calls, streams and poor streams of each day: from the daily counts, with the changes that are not added yet.

A year of calls is read as fast as a week, and the numbers of today are never old.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import streams_per_day, waiting_changes
from app.archive.daily.contribution import ALL
from app.archive.queries.filters import Filters
from app.archive.queries.stats import Counted, Counts
from app.archive.schema.count_tables import MEASURES, count_changes
from app.archive.schema.periods import begin_of_day, hour_of


async def counted(db: AsyncConnection, filters: Filters) -> list[Counted]:
    """Every complete day (UTC) that the range touches. Of the filters only the range and the tenants may be given.

    Of the counts only calls, streams and poor streams are filled. ``db`` reads all as of one moment: see
    Readers.snapshot.
    """
    days = {
        day.start: Counted(day.start, Counts(calls=day.calls, streams=day.streams, poor_streams=day.poor), {})
        for day in await streams_per_day.by_time(db, filters)
    }
    whole, older = streams_per_day.whole_days(filters), await streams_per_day.older_days(db, filters)
    hour = count_changes.c.hour
    since = [] if whole.since is None else [hour >= hour_of(whole.since)]
    until = [] if whole.until is None else [hour < hour_of(whole.until)]
    changes = await waiting_changes.sums(db, filters, *since, *until)
    for dimension, _, day, _, *measures in changes.by_day().rows():
        if dimension == ALL and day not in older:
            start, more = begin_of_day(day), dict(zip(MEASURES, measures, strict=True))
            here = days.setdefault(start, Counted(start, Counts(), {}))
            here.all.add(Counts(calls=more["calls"], streams=more["streams"], poor_streams=more["poor"]))
    return [days[start] for start in sorted(days)]
