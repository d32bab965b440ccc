"""The quality page by department: of the calls of each department's people, how many were poor or failed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import calls_over_time, confidence, streams_per_day
from app.archive.daily.confidence import Interval
from app.archive.queries import stats
from app.archive.queries.filters import Filters
from app.archive.queries.stats import Counts
from app.web.pages.shared import formatting

DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Department:
    """``likely``: the range of the true share of poor calls."""

    name: str
    counts: Counts
    likely: Interval
    href: str


async def worst_first(db: AsyncConnection, wanted: Filters) -> list[Department]:
    """By the least share of poor calls that is likely; a call counts in each department that took part."""
    days = streams_per_day.whole_days(wanted)
    assert days.since is not None
    total = stats.summed(await calls_over_time.counted(db, days, "day", "department"), days.since)
    found = [_department(name, counts, days) for name, counts in total.by.items() if name]
    return sorted(found, key=lambda one: (-one.likely.low, -one.counts.calls, one.name))


def _department(name: str, counts: Counts, days: Filters) -> Department:
    period = {"from": formatting.iso(days.since), "to": formatting.iso(days.until)}
    return Department(
        name,
        counts,
        confidence.wilson(counts.poor / counts.calls, counts.calls),
        "/calls?" + urlencode(period | {DEPARTMENT: name}),
    )
