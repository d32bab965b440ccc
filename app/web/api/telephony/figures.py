"""`/api/telephony`: the figures of telephone calls by trunk, user, department, destination, call type or voice app."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.archive.schema.call_log_types import KINDS
from app.telephony.figures.queues import Queue
from app.telephony.figures.results import TerminalRejects
from app.telephony.queries import queue_calls, sums, user_names
from app.telephony.queries.log_filters import LogFilters
from app.telephony.queries.sums import By as RowsBy
from app.web.api.calls import written
from app.web.api.parameters import moment, refuse_unknown, tenant_id
from app.web.api.telephony import written_figures
from app.web.api.telephony.figure_models import By, Telephony
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["telephony"])

USUAL = timedelta(days=30)
LONGEST = timedelta(days=400)
MOST = 1_000  # values
_MEMORY = 40_000_000  # bytes: the times of a month, and the sums of some thousand values


@router.get("/telephony", summary="Success, traffic, waiting and cost of calls", response_model=Telephony)
async def get_telephony(
    request: Request,
    caller: Reader,
    *,
    by: Annotated[By, Query(description="By what the rows are grouped.")] = "trunk",
    since: Annotated[
        str | None, Query(alias="from", description="First start, ISO 8601; 30 days before `to` if not given.")
    ] = None,
    until: Annotated[str | None, Query(alias="to", description="Before this start; now if not given.")] = None,
    tenant: Annotated[UUID | None, Query(description="Only rows of this tenant.")] = None,
    count_declined: Annotated[bool, Query(description="NER counts 603 as delivered.")] = False,
    count_wrong_number: Annotated[bool, Query(description="NER counts 404, 484 and 604 as delivered.")] = False,
) -> Response:
    """Trunks are of Direct Routing, destinations of the PSTN log, all else of both; voice apps of the call records."""
    refuse_unknown(request)
    first, last = _range(moment("from", since), moment("to", until))
    filters = LogFilters(kinds=KINDS, since=first, until=last, tenant_id=tenant_id(tenant), **caller.limits)
    rejects = TerminalRejects(declined=count_declined, wrong_number=count_wrong_number)
    here = context(request)
    await request.state.memory.reserve(_MEMORY)
    async with here.reads.snapshot() as db:
        if by == "voice_app":
            total, items, count = await _by_queue(db, filters)
        else:
            total, items, count = await _by_rows(db, filters, by, rejects, here.trunk_channels)
    request.state.answered = len(items)
    left_out = count - len(items)
    return written({"from": first, "to": last, "by": by, "total": total, "items": items, "left_out": left_out})


async def _by_rows(
    db: AsyncConnection, filters: LogFilters, by: RowsBy, rejects: TerminalRejects, channels: Mapping[str, int]
) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
    """The total, the first values, and how many there are."""
    found = await sums.summed(db, filters, by)
    ranked = sorted(found.groups.items(), key=lambda one: (-one[1].attempts, one[0] or ""))[:MOST]
    names = await user_names.of(db, filters, [value for value, _ in ranked if value]) if by == "user" else {}
    of_trunk = channels if by == "trunk" else {}
    items = [
        {"value": value, "name": names.get(value or "")}
        | written_figures.shown(group, rejects, of_trunk.get(value or ""))
        for value, group in ranked
    ]
    return written_figures.shown(found.total, rejects, None), items, len(found.groups)


async def _by_queue(db: AsyncConnection, filters: LogFilters) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
    found = await queue_calls.by_queue(db, replace(filters.of_calls(), since=filters.since, until=filters.until))
    total = Queue()
    for one in found:
        total.add_all_of(one.calls)
    items = [{"value": one.object_id, "name": one.name} | written_figures.queue(one.calls) for one in found[:MOST]]
    return written_figures.queue(total), items, len(found)


def _range(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    last = until or datetime.now(UTC)
    try:
        first = since or last - USUAL
    except OverflowError:
        raise Problem(422, "from, to: choose times some days within the years 1 and 9999.") from None
    if not timedelta() < last - first <= LONGEST:
        raise Problem(422, f"from, to: the range is more than nothing and at most {LONGEST.days} days.")
    return first, last
