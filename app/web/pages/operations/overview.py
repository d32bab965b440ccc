"""The overview: is Callkeeper collecting, and what happened recently."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from app.archive.daily import calls_over_time
from app.archive.daily.calls_per_day import counted as daily_counts
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.stats import Bucket, Counted
from app.db import Readers
from app.health import readiness
from app.web import unknown_parameters
from app.web.auth.callers import Caller, Reader
from app.web.context import context
from app.web.pages.calls import rows
from app.web.pages.calls.columns import COLUMNS, USUAL
from app.web.pages.operations.activity import calls_chart, poor_chart
from app.web.pages.shared.render import page
from app.web.pages.shared.time_zones import of as zone_of

router = APIRouter(include_in_schema=False)

NEWEST = 15  # calls
LONGEST = timedelta(minutes=4230)  # a subscription's, https://learn.microsoft.com/graph/change-notifications-overview


class Range(NamedTuple):
    text: str
    length: timedelta
    bucket: Bucket


RANGES = {
    "24h": Range("24 hours", timedelta(hours=24), "hour"),
    "7d": Range("7 days", timedelta(days=7), "hour"),
    "30d": Range("30 days", timedelta(days=30), "day"),
    "90d": Range("90 days", timedelta(days=90), "day"),
}


@router.get("/")
async def overview(request: Request, caller: Reader) -> Response:
    """The state of each tenant, the calls of the chosen period, and the newest calls as they arrive."""
    unknown_parameters.refuse(request.query_params, ("range",))
    here, now = context(request), datetime.now(UTC)
    chosen = request.query_params.get("range", "24h")
    chosen = chosen if chosen in RANGES else "24h"
    found = await readiness.check(here.database, caller.among(here.tenant_ids), here.storing)
    try:
        shown = await _archive(here.reads, caller, RANGES[chosen], now)
    except (SQLAlchemyError, OSError, TimeoutError):
        shown = None
    zone = zone_of(request)
    request.state.answered = len(shown[1]) if shown else 0
    return await page(
        request,
        "overview.html",
        nav="/",
        now=now,
        health=found,
        longest=LONGEST,
        ranges=RANGES,
        chosen=chosen,
        charts=[calls_chart(shown[0], zone), poor_chart(shown[0], zone)] if shown else [],
        calls=shown[1] if shown else [],
        columns=USUAL,
        COLUMNS=COLUMNS,
        newest=NEWEST,
        newest_key=shown[2] if shown else 0,
    )


async def _archive(
    reads: Readers, caller: Caller, chosen: Range, now: datetime
) -> tuple[list[Counted], Sequence[dict[str, Any]], int]:
    """The buckets of the period, the newest calls, and the key after which the live list continues."""
    span = Filters(since=now - chosen.length, until=now + timedelta(seconds=1), tenants=caller.tenants)
    async with reads.snapshot() as db:
        daily = chosen.bucket == "day"
        buckets = await (daily_counts(db, span) if daily else calls_over_time.counted(db, span, chosen.bucket, None))
        newest_key = await stored_calls.newest_key(db)
        newest = await stored_calls.calls(db, Filters(tenants=caller.tenants), limit=NEWEST)
        items = await rows.shown(db, newest)
    return buckets, items, newest_key
