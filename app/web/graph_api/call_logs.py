"""`getPstnCalls(…)` and `getDirectRoutingCalls(…)` from the archive, in Graph's own shape, by both of their names.

https://learn.microsoft.com/graph/api/callrecords-callrecord-getpstncalls includes the end of the range, and
https://learn.microsoft.com/graph/api/callrecords-callrecord-getdirectroutingcalls does not.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.archive.documents.codec import unpack
from app.archive.schema.call_log_types import DIRECT_ROUTING, PSTN
from app.telephony.queries import raw_rows
from app.telephony.queries.log_filters import LogFilters
from app.web.auth.callers import Caller, Reader
from app.web.context import context
from app.web.problems import Problem

router = APIRouter(prefix="/v1.0/communications/callRecords", tags=["as Microsoft Graph"])

PAGE = 1_000
LONGEST = timedelta(days=90)
_MOST_SKIPPED = 10_000_000
_ROW = 6_000  # bytes of memory for a row, unpacked

_ARGUMENTS = re.compile(r"fromDateTime=([^,()]{10,40}),\s*toDateTime=([^,()]{10,40})")
_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_FUNCTIONS = {
    PSTN: ("getPstnCalls", "pstnCallLogRow"),
    DIRECT_ROUTING: ("getDirectRoutingCalls", "directRoutingLogRow"),
}


@router.get("/getPstnCalls({arguments})", summary="Rows of the PSTN log")
@router.get("/microsoft.graph.callRecords.getPstnCalls({arguments})", summary="The same by its qualified name")
async def get_pstn_calls(request: Request, arguments: str, caller: Reader) -> Response:
    """`fromDateTime=2026-03-01,toDateTime=2026-03-02`: days, or times in UTC; at most 90 days, both ends included."""
    return await _answer(request, caller, PSTN, arguments)


@router.get("/getDirectRoutingCalls({arguments})", summary="Rows of the Direct Routing log")
@router.get("/microsoft.graph.callRecords.getDirectRoutingCalls({arguments})", summary="The same by its qualified name")
async def get_direct_routing_calls(request: Request, arguments: str, caller: Reader) -> Response:
    """As getPstnCalls; the end of the range is not included."""
    return await _answer(request, caller, DIRECT_ROUTING, arguments)


async def _answer(request: Request, caller: Caller, kind: str, arguments: str) -> Response:
    first, last = _range(arguments)
    skipped = _skipped(request)
    until = last + timedelta(microseconds=1) if kind == PSTN else last
    filters = LogFilters(kinds=(kind,), since=first, until=until, **caller.limits)
    await request.state.memory.reserve(PAGE * _ROW)
    async with context(request).reads.reading() as db:
        packed = await raw_rows.page(db, filters, PAGE + 1, skipped)
    rows = [unpack(one) for one in packed[:PAGE]]
    origin = context(request).graph.origins.of(request.scope)
    body: dict[str, Any] = {
        "@odata.context": f"{origin}/v1.0/$metadata#Collection(microsoft.graph.callRecords.{_FUNCTIONS[kind][1]})",
        "@odata.count": len(rows),
    }
    if len(packed) > PAGE:
        function = f"{_FUNCTIONS[kind][0]}({arguments})"
        body["@odata.nextLink"] = f"{origin}/v1.0/communications/callRecords/{function}?$skip={skipped + PAGE}"
    request.state.answered = len(rows)
    value = orjson.Fragment(b"[" + b",".join(rows) + b"]")
    headers = {"OData-Version": "4.0", "Cache-Control": "no-store", "Content-Type": _JSON}
    return Response(orjson.dumps(body | {"value": value}), headers=headers)


def _range(arguments: str) -> tuple[datetime, datetime]:
    found = _ARGUMENTS.fullmatch(arguments)
    if found is None:
        raise Problem(400, "Write the arguments as (fromDateTime=2026-03-01,toDateTime=2026-03-02).")
    first, last = _time("fromDateTime", found[1]), _time("toDateTime", found[2])
    if not timedelta() <= last - first <= LONGEST:
        raise Problem(400, f"toDateTime must be from 0 to {LONGEST.days} days after fromDateTime.")
    return first, last


def _time(name: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a bare + arrives as a blank
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        _ = found + timedelta(days=1), found - timedelta(days=1)
    except (ValueError, OverflowError):
        raise Problem(400, f"{name}: {text[:40]!r} is neither a day nor a time such as 2026-03-01T06:00:00Z.") from None
    return found


def _skipped(request: Request) -> int:
    """Graph documents no query option; `$skip` is that of its links."""
    if unknown := sorted(set(request.query_params) - {"$skip"}):
        raise Problem(400, f"The query option '{unknown[0][:50]}' is not supported.")
    text = request.query_params.get("$skip", "0")
    if not (text.isascii() and text.isdecimal() and int(text[:9]) <= _MOST_SKIPPED and len(text) < 9):
        raise Problem(400, "$skip is not a number that was given out.")
    return int(text)
