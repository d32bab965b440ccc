"""The quality page: the share of poor streams over time and by dimension; each value links to its calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.archive.daily import streams_per_day
from app.archive.daily.streams_per_day import Counts, Dimension, OnDay, Value
from app.archive.queries.filters import Filters
from app.archive.schema.periods import DAY
from app.web import unknown_parameters
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.pages.shared import charts, formatting
from app.web.pages.shared.charts import Chart
from app.web.pages.shared.render import page

router = APIRouter(include_in_schema=False)

RANGES = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}  # days
SHORT = 6  # values of each dimension until "Show all"
FEW_STREAMS, FEW_CALLS = 50, 5  # with fewer, one poor call decides the share: "low sample"

DIMENSIONS: dict[str, str] = {
    "connection_type": "Connection",
    "wifi_band": "Wi-Fi band",
    "subnet": "Subnet",
    "relay": "Relay",
    "transport": "Transport",
    "platform": "Platform",
    "client_version": "Client version",
    "product_family": "Product",
    "device": "Device",
    "codec": "Codec",
    "tenant": "Tenant",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a dimension: ``width`` in per cent of the widest bar, ``href`` to its calls."""

    value: str
    counts: Counts
    width: float
    is_few: bool
    href: str


@router.get("/quality")
async def quality(request: Request, caller: Reader) -> Response:
    """All dimensions with their most frequent values, or all values of one."""
    unknown_parameters.refuse(request.query_params, ("range", "by"))
    here, query = context(request), request.query_params
    chosen = query.get("range", "30d") if query.get("range", "30d") in RANGES else "30d"
    by = next((name for name in get_args(Dimension) if name == query.get("by")), None)
    now = datetime.now(UTC)
    wanted = Filters(since=now - timedelta(days=RANGES[chosen] - 1), until=now, tenants=caller.tenants)
    counted_days = streams_per_day.whole_days(wanted)
    dimensions: list[Dimension] = [by] if by else _usual(len(here.tenant_ids))
    async with here.reads.reading() as db:
        over_time = await streams_per_day.by_time(db, wanted)
        total = await streams_per_day.total(db, wanted)
        uncounted = await streams_per_day.uncounted(db, wanted)
        found = {
            name: await streams_per_day.over(db, wanted, name, most=streams_per_day.MOST if by else SHORT)
            for name in dimensions
        }
    return await page(
        request,
        "quality.html",
        nav="/quality",
        ranges=RANGES,
        chosen=chosen,
        by=by,
        DIMENSIONS=DIMENSIONS,
        total=total,
        uncounted=uncounted,
        chart=share_chart(over_time),
        tables={name: rows(name, found[name], counted_days) for name in sorted(found, key=list(DIMENSIONS).index)},
    )


def _usual(tenants: int) -> list[Dimension]:
    """All dimensions; the tenant only where there are several."""
    return [name for name in get_args(Dimension) if name != "tenant" or tenants > 1]


def rows(dimension: str, values: Sequence[Value], counted_days: Filters) -> list[Row]:
    """In the given order; the widest bar is the highest share among those with enough streams and calls."""
    widest = max((one.share or 0 for one in values if not is_few(one)), default=0) or 1.0
    return [
        Row(
            one.value,
            one,
            round(min(100 * (one.share or 0) / widest, 100), 2),
            is_few(one),
            href(dimension, one.value, counted_days),
        )
        for one in values
    ]


def is_few(counts: Counts) -> bool:
    return counts.judged < FEW_STREAMS or counts.calls < FEW_CALLS


def href(dimension: str, value: str, counted_days: Filters) -> str:
    """The link to the calls with that value, on exactly the days that were counted."""
    return "/calls?" + urlencode(_period(counted_days.since, counted_days.until) | {dimension: value})


def share_chart(days: Sequence[OnDay]) -> Chart:
    """The share of poor streams on each day; a day with few streams is grey, one without streams is empty."""
    shares = [None if day.share is None else 100 * day.share for day in days]
    top, step = charts.top_of(max((share for share in shares if share is not None), default=0))
    top, step = (100.0, 25.0) if top > 100 else (top, step)
    values = [
        charts.Value(share, f"{_date(day)}: {_summary(day)}", "few" if is_few(day) else "", _link(day))
        for day, share in zip(days, shares, strict=True)
    ]
    return Chart(
        title="Poor streams per day (UTC)",
        note=f"grey: fewer than {FEW_STREAMS} streams or {FEW_CALLS} calls",
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
    return "/calls?" + urlencode(_period(day.start, day.start + DAY) | {"quality": "poor"})


def _period(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    return {"from": formatting.iso(since), "to": formatting.iso(until)}
