"""`/api/stats`: how much was telephoned, how well, and with what, by the hour or the day."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.archive.daily import calls_over_time
from app.archive.queries import stats
from app.archive.queries.filters import Filters
from app.archive.queries.stats import Bucket, By, Counted, Counts
from app.web.api.parameters import moment, refuse_unknown, tenant_id
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["stats"])

MOST = 800  # buckets: a month of hours, two years of days
USUAL = timedelta(days=30)


class Figures(BaseModel):
    """What the calls of a bucket add up to."""

    calls: int
    minutes: float = Field(description="Of the calls, from start to end.")
    participants: int = Field(description="Summed over the calls: who was in two counts twice.")
    failed: int = Field(description="Calls with a failure on what carried them.")
    failed_share: float | None = Field(description="Of the calls, 0 to 1; null where there are none.")
    poor: int = Field(description="Calls of poor quality.")
    streams: int
    poor_streams: int
    poor_streams_share: float | None = Field(description="Of the streams, 0 to 1; null where there are none.")


class Value(Figures):
    """The calls that have a value; one with two platforms counts under both."""

    value: str | None = Field(description="Null: calls that have none.")


class Sum(Figures):
    by: list[Value] = Field(description="The values that occur, most calls first; empty without `by`.")


class BucketFigures(Sum):
    start: datetime = Field(description="When the hour or day began, in UTC.")


class Stats(BaseModel):
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    bucket: Bucket
    by: By | None
    total: Sum
    buckets: list[BucketFigures] = Field(description="Every hour or day of the range, in order, also without a call.")


@router.get("/stats", summary="Calls, minutes and quality over time", response_model=Stats)
async def get_stats(
    request: Request,
    caller: Reader,
    *,
    since: Annotated[
        str | None, Query(alias="from", description="First start, ISO 8601; 30 days before `to` if not given.")
    ] = None,
    until: Annotated[str | None, Query(alias="to", description="Before this start; now if not given.")] = None,
    bucket: Annotated[Bucket, Query(description="How the time is cut, in UTC.")] = "day",
    by: Annotated[By | None, Query(description="The dimension by which calls are grouped.")] = None,
    tenant: Annotated[UUID | None, Query(description="Only calls of this tenant.")] = None,
) -> Response:
    """Figures of all calls that began in the range, for each hour or day of it."""
    refuse_unknown(request)
    first, last = _range(moment("from", since), moment("to", until), bucket)
    filters = Filters(since=first, until=last, tenant_id=tenant_id(tenant), **caller.limits)
    async with context(request).reads.snapshot() as db:
        found = await calls_over_time.counted(db, filters, bucket, by)
    total = _shown(stats.summed(found, first))
    buckets = [{"start": one.start, **_shown(one)} for one in found]
    answer = {"from": first, "to": last, "bucket": bucket, "by": by, "total": total, "buckets": buckets}
    return Response(orjson.dumps(answer), media_type="application/json")


def _range(since: datetime | None, until: datetime | None, bucket: Bucket) -> tuple[datetime, datetime]:
    last = until or datetime.now(UTC)
    try:
        first = since or last - USUAL
        count = (last - stats.begin(first, bucket)) / stats.STEP[bucket]
        _ = last + stats.STEP[bucket]
    except OverflowError:
        raise Problem(422, "from, to: choose times some days within the years 1 and 9999.") from None
    if first >= last:
        raise Problem(422, f"from: {first.isoformat()} is not before `to`, {last.isoformat()}.")
    if count > MOST:
        advice = "ask for days (bucket=day) or for less time" if bucket == "hour" else "ask for less time"
        raise Problem(400, f"from, to: that is {count:,.0f} {bucket}s and {MOST} at most come at once; {advice}.")
    return first, last


def _shown(counted: Counted) -> dict[str, Any]:
    ranked = sorted(counted.by.items(), key=lambda item: (-item[1].calls, item[0] or ""))
    return _figures(counted.all) | {"by": [{"value": value, **_figures(counts)} for value, counts in ranked]}


def _figures(counts: Counts) -> dict[str, Any]:
    return {
        "calls": counts.calls,
        "minutes": round(counts.seconds / 60, 3),
        "participants": counts.participants,
        "failed": counts.failed,
        "failed_share": _share(counts.failed, counts.calls),
        "poor": counts.poor,
        "streams": counts.streams,
        "poor_streams": counts.poor_streams,
        "poor_streams_share": _share(counts.poor_streams, counts.streams),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
