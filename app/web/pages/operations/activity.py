"""The charts of calls and of the share of poor streams over time: pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from app.archive.queries.stats import Counted, Counts
from app.web.pages.shared import charts, formatting
from app.web.pages.shared.charts import Chart, Value

FEW = 20  # rated streams; a bar of fewer is grey, because one poor stream decides it
_DAY = timedelta(days=1)


def calls_chart(buckets: Sequence[Counted], zone: ZoneInfo) -> Chart:
    """The number of calls that began in each hour or day."""
    top, step = charts.top_of(max((bucket.all.calls for bucket in buckets), default=0), least=1)
    values = [
        Value(
            bucket.all.calls,
            f"{_when(buckets, bucket, zone)}: {formatting.count(bucket.all.calls, 'call')}",
            href=_link(buckets, bucket),
        )
        for bucket in buckets
    ]
    return Chart(
        title=f"Calls {_per(buckets)}",
        summary=f"{formatting.number(sum(bucket.all.calls for bucket in buckets))} in total",
        bars=charts.bars(values, top),
        y_ticks=charts.y_ticks(top, step),
        x_ticks=charts.time_ticks([bucket.start for bucket in buckets], zone),
        heads=["Start", "Calls"] if _is_daily(buckets) else ["Start", "Calls", "Failed", "Minutes"],
        rows=[[_when(buckets, bucket, zone), *_cells(buckets, bucket.all)] for bucket in buckets if bucket.all.calls],
    )


def poor_chart(buckets: Sequence[Counted], zone: ZoneInfo) -> Chart:
    """The share of poor streams; a bar of few streams is grey, and without streams there is no bar."""
    shares = [_share(bucket.all) for bucket in buckets]
    top, step = charts.top_of(max((share for share in shares if share is not None), default=0))
    top, step = (100.0, 25.0) if top > 100 else (top, step)
    values = [
        Value(
            share,
            f"{_when(buckets, bucket, zone)}: {_summary(bucket.all)}",
            "few" if bucket.all.streams < FEW else "",
            _link(buckets, bucket, quality="poor"),
        )
        for bucket, share in zip(buckets, shares, strict=True)
    ]
    return Chart(
        title="Poor streams",
        note=f"grey: fewer than {FEW} streams",
        summary=_summary(_all(buckets)),
        bars=charts.bars(values, top),
        y_ticks=charts.y_ticks(top, step, " %"),
        x_ticks=charts.time_ticks([bucket.start for bucket in buckets], zone),
        heads=["Start", "Poor streams", "Streams", "Share"],
        rows=[
            [
                _when(buckets, bucket, zone),
                formatting.number(bucket.all.poor_streams),
                formatting.number(bucket.all.streams),
                formatting.share(bucket.all.poor_streams, bucket.all.streams),
            ]
            for bucket in buckets
            if bucket.all.streams
        ],
        share=True,
    )


def _cells(buckets: Sequence[Counted], counts: Counts) -> list[str]:
    """For days only the number of calls is read."""
    rest = [] if _is_daily(buckets) else [counts.failed, counts.seconds / 60]
    return [formatting.number(each) for each in (counts.calls, *rest)]


def _share(counts: Counts) -> float | None:
    return 100 * counts.poor_streams / counts.streams if counts.streams else None


def _summary(counts: Counts) -> str:
    if not counts.streams:
        return "no streams"
    part = formatting.share(counts.poor_streams, counts.streams)
    return f"{part} of {formatting.count(counts.streams, 'stream')} poor"


def _all(buckets: Sequence[Counted]) -> Counts:
    total = Counts()
    for bucket in buckets:
        total.add(bucket.all)
    return total


def _length(buckets: Sequence[Counted]) -> timedelta:
    return buckets[1].start - buckets[0].start if len(buckets) > 1 else timedelta(hours=1)


def _is_daily(buckets: Sequence[Counted]) -> bool:
    return _length(buckets) >= _DAY


def _per(buckets: Sequence[Counted]) -> str:
    return "per day (UTC)" if _is_daily(buckets) else "per hour"


def _when(buckets: Sequence[Counted], bucket: Counted, zone: ZoneInfo) -> str:
    return bucket.start.strftime("%Y-%m-%d") if _is_daily(buckets) else formatting.moment(bucket.start, zone)


def _link(buckets: Sequence[Counted], bucket: Counted, **more: str) -> str:
    """The link to the calls of one bar."""
    end: datetime = bucket.start + _length(buckets)
    return "/calls?" + urlencode({"from": formatting.iso(bucket.start), "to": formatting.iso(end), **more})
