"""The quality page: the share of poor streams over time and by dimension; each value links to its calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.archive.daily import confidence, streams_per_day
from app.archive.daily.streams_per_day import Compared, Counts, Dimension, OnDay
from app.archive.queries.filters import Filters
from app.web import unknown_parameters
from app.web.auth.callers import Caller, Reader
from app.web.context import Context, context
from app.web.pages.quality import as_csv, departments
from app.web.pages.quality.over_time import share_chart
from app.web.pages.quality.rows import COMPARABLE, Periods, Row, calls_href, rated, rows, scale
from app.web.pages.shared.dimension_names import DIMENSIONS
from app.web.pages.shared.render import page

router = APIRouter(include_in_schema=False)

NAMES = ("range", "by")
RANGES = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}  # days
SHORT = 6  # values of each dimension until "Show all"
CANDIDATES = 30  # values that are read for the first ones: the order of the database is not exactly that of the page


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What was found of one period."""

    chosen: str
    by: Dimension | None
    periods: Periods
    total: Counts
    before: Counts
    days: list[OnDay]
    uncounted: list[str]
    values: Mapping[Dimension, list[Compared]]

    def tables(self) -> dict[str, list[Row]]:
        """Of the dimensions that have values, in their order."""
        order = [name for name in DIMENSIONS if name in self.values]
        named = {name: rows(name, self.values[name], self.total, self.periods) for name in order}  # type: ignore[index]
        return {name: shown for name, shown in named.items() if self.by or any(row.value for row in shown)}


@router.get("/quality")
async def quality(request: Request, caller: Reader) -> Response:
    """All dimensions with their worst values, or all values of one."""
    if request.query_params.get("by") == departments.DEPARTMENT:
        return await _by_department(request, caller)
    found = await _read(request, caller, CANDIDATES)
    tables = found.tables()
    compared = {name: shown for name, shown in tables.items() if found.by or rated(_counts(shown)) >= COMPARABLE}
    short = {name: shown if found.by else _worst(shown) for name, shown in compared.items()}
    return await page(
        request,
        "quality.html",
        nav="/quality",
        ranges=RANGES,
        chosen=found.chosen,
        by=found.by,
        DIMENSIONS=DIMENSIONS,
        total=found.total,
        before=found.before,
        change=confidence.change(found.total, found.before),
        calls_href=calls_href(found.periods.counted),
        uncounted=found.uncounted,
        chart=share_chart(found.days),
        tables=short,
        more={name for name, shown in compared.items() if len(shown) > len(short[name])},
        single={name: shown for name, shown in tables.items() if name not in compared},
        scale=scale(short.values()),
    )


async def _by_department(request: Request, caller: Reader) -> Response:
    unknown_parameters.refuse(request.query_params, NAMES)
    chosen, wanted = _period(request, caller)
    async with context(request).reads.snapshot() as db:
        found = await departments.worst_first(db, wanted)
    return await page(
        request, "quality_departments.html", nav="/quality", ranges=RANGES, chosen=chosen, departments=found
    )


@router.get("/quality.csv")
async def quality_as_csv(request: Request, caller: Reader) -> Response:
    """All rows of the same tables."""
    found = await _read(request, caller, streams_per_day.MOST)
    headers = {"Content-Disposition": 'attachment; filename="quality.csv"', "Cache-Control": "no-store"}
    return Response(as_csv.text(found.tables()), media_type="text/csv; charset=utf-8", headers=headers)


async def _read(request: Request, caller: Caller, most: int) -> Breakdown:
    unknown_parameters.refuse(request.query_params, NAMES)
    here, query = context(request), request.query_params
    by = next((name for name in get_args(Dimension) if name == query.get("by")), None)
    chosen, wanted = _period(request, caller)
    return await _breakdown(here, wanted, chosen, by, streams_per_day.MOST if by else most)


def _period(request: Request, caller: Caller) -> tuple[str, Filters]:
    chosen = request.query_params.get("range", "30d")
    chosen = chosen if chosen in RANGES else "30d"
    now = datetime.now(UTC)
    return chosen, Filters(since=now - timedelta(days=RANGES[chosen] - 1), until=now, tenants=caller.tenants)


async def _breakdown(here: Context, wanted: Filters, chosen: str, by: Dimension | None, most: int) -> Breakdown:
    async with here.reads.reading() as db:
        return Breakdown(
            chosen,
            by,
            Periods(streams_per_day.whole_days(wanted), streams_per_day.before(wanted)),
            total=await streams_per_day.total(db, wanted),
            before=await streams_per_day.total(db, streams_per_day.before(wanted)),
            days=await streams_per_day.by_time(db, wanted),
            uncounted=await streams_per_day.uncounted(db, wanted),
            values={
                name: await streams_per_day.worst(db, wanted, name, most=most)
                for name in ([by] if by else _usual(len(here.tenant_ids)))
            },
        )


def _usual(tenants: int) -> list[Dimension]:
    """All dimensions; the tenant only where there are several."""
    return [name for name in get_args(Dimension) if name != "tenant" or tenants > 1]


def _worst(shown: list[Row]) -> list[Row]:
    """The first rows with rated streams."""
    return [row for row in shown if row.counts.judged][:SHORT]


def _counts(shown: list[Row]) -> list[Counts]:
    return [row.counts for row in shown]
