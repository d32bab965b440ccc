"""The share of poor streams on each day, as a chart; each bar leads to the poor calls of its day."""

from collections.abc import Sequence

from app.archive.daily import confidence
from app.archive.daily.streams_per_day import Counts, OnDay
from app.archive.queries.filters import Filters
from app.archive.schema.periods import DAY
from app.web.pages.quality.rows import calls_href
from app.web.pages.shared import charts, formatting
from app.web.pages.shared.charts import Chart

WIDE = 0.4  # an interval wider than this says little: the bar is grey


def share_chart(days: Sequence[OnDay]) -> Chart:
    """A day with few calls is grey, one without streams is empty."""
    shares = [None if day.share is None else 100 * day.share for day in days]
    top, step = charts.top_of(max((share for share in shares if share is not None), default=0))
    top, step = (100.0, 25.0) if top > 100 else (top, step)
    values = [
        charts.Value(share, f"{_date(day)}: {_summary(day)}", "few" if is_uncertain(day) else "", _link(day))
        for day, share in zip(days, shares, strict=True)
    ]
    return Chart(
        title="Poor streams per day (UTC)",
        note="grey: too few calls for a reliable share",
        summary=f"{len(days)} days",
        bars=charts.bars(values, top),
        y_ticks=charts.y_ticks(top, step, " %"),
        x_ticks=charts.time_ticks([day.start for day in days], formatting.UTC_ZONE),
        heads=["Day", "Poor", "Rated streams", "Share", "Calls"],
        rows=[
            [
                _date(day),
                formatting.number(day.poor),
                formatting.number(day.judged),
                formatting.share(day.poor, day.judged),
                formatting.number(day.calls),
            ]
            for day in days
            if day.calls
        ],
        share=True,
    )


def is_uncertain(counts: Counts) -> bool:
    found = confidence.interval(counts)
    return found.high - found.low > WIDE


def _summary(counts: Counts) -> str:
    part = formatting.share(counts.poor, counts.judged)
    return (
        f"{part} of {formatting.count(counts.judged, 'stream')}, {formatting.count(counts.calls, 'call')}"
        if counts.judged
        else "no streams"
    )


def _date(day: OnDay) -> str:
    return day.start.strftime("%Y-%m-%d")


def _link(day: OnDay) -> str:
    until = day.start + DAY
    return calls_href(Filters(since=day.start, until=until), quality="poor")
