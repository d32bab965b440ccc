"""The values of each dimension as rows: worst first, with bars on one scale and a mark of confidence. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.archive.daily import confidence
from app.archive.daily.confidence import Interval, Verdict
from app.archive.daily.streams_per_day import Compared, Counts
from app.archive.queries.filters import Filters
from app.web.pages.shared import charts, formatting
from app.web.pages.shared.charts import Tick

COMPARABLE = 2  # values with rated streams that a table needs


@dataclass(frozen=True, slots=True)
class Row:
    """One value; ``href`` leads to its calls, ``href_before`` to those of the period before."""

    value: str
    counts: Counts
    before: Counts
    likely: Interval
    verdict: Verdict  # against all streams of the period
    change: Verdict  # against the period before
    href: str
    href_before: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of all bars: ``top`` is its end as a share."""

    top: float
    ticks: list[Tick]

    def percent(self, share: float | None) -> float:
        """Of the axis' length; a share beyond its end is as long as the axis."""
        return round(min(100 * (share or 0) / self.top, 100), 2)


@dataclass(frozen=True, slots=True)
class Periods:
    """The days that were counted, and the equally long period before."""

    counted: Filters
    before: Filters


def rows(dimension: str, values: Iterable[Compared], overall: Counts, periods: Periods) -> list[Row]:
    """Worst first: by the lower end of the interval, so that a value with a few streams is not at the top."""
    made = [_row(dimension, value, overall, periods) for value in values]
    return sorted(made, key=lambda row: (row.counts.share is None, -row.likely.low, -row.counts.poor, row.value))


def _row(dimension: str, value: Compared, overall: Counts, periods: Periods) -> Row:
    return Row(
        value=value.value,
        counts=value,
        before=value.before,
        likely=confidence.interval(value),
        verdict=confidence.against(value, overall.share),
        change=confidence.change(value, value.before),
        href=calls_href(periods.counted, **{dimension: value.value}),
        href_before=calls_href(periods.before, **{dimension: value.value}),
    )


def calls_href(period: Filters, **more: Any) -> str:
    """The link to the calls of exactly the days that were counted."""
    return "/calls?" + urlencode({"from": formatting.iso(period.since), "to": formatting.iso(period.until)} | more)


def scale(tables: Iterable[Sequence[Row]]) -> Scale:
    """One for all rows, so that bars of different tables can be compared; values with few calls do not set its end."""
    shares = [row.counts.share or 0 for shown in tables for row in shown if row.counts.calls >= confidence.FEW_CALLS]
    top, step = charts.top_of(100 * max(shares, default=0), 2)
    if top > 100 or not any(shares):
        top, step = 100.0, 50.0
    return Scale(top / 100, [Tick(100 - tick.at, tick.text) for tick in charts.y_ticks(top, step, " %")])


def rated(values: Iterable[Counts]) -> int:
    """The number of values with rated streams: with one there is nothing to compare."""
    return sum(1 for value in values if value.judged)
