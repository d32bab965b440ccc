"""`/api/calls`: the archive for programs. The document itself comes as Graph gave it."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from app.archive.detail import reading as detail
from app.archive.documents import codec
from app.archive.outcomes.words import Direction
from app.archive.outcomes.words import Name as Outcome
from app.archive.queries import call_text, stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.paging.cursor import Cursors
from app.archive.queries.paging.position import Order
from app.db.secrets import shared_secret
from app.ids import CallId
from app.web.api.dimension_parameters import DimensionFilters
from app.web.api.models import Call, CallPage
from app.web.api.parameters import moment, refuse_unknown, seconds, telephone_number, tenant_id
from app.web.auth.callers import Caller, Reader
from app.web.context import context
from app.web.path_ids import CallIdInPath
from app.web.problems import Problem
from app.web.reads.limits import FREE_BYTES
from app.web.reads.spool import Spool

router = APIRouter(prefix="/api", tags=["calls"])

Tenant = Annotated[UUID | None, Query(description="Only calls of this tenant, by its GUID.")]
Version = Annotated[
    int | None, Query(ge=0, le=2**63 - 1, description="An earlier version; by default the current one.")
]

# Bytes: of the rows of some sessions and their text; of one participant; of what decompressing needs.
_LARGE_CALL, _PARTICIPANT, _WINDOW = 10_000_000, 3_000, 2_000_000

_FROM = "First start, ISO 8601 with offset (2026-01-31T09:00:00Z); without one it is UTC."
_WHO = "A complete object id, user principal name or telephone number; or a part of a name. Case does not matter."


@router.get("/calls", summary="Calls, newest first", response_model=CallPage)
async def list_calls(
    request: Request,
    caller: Reader,
    dimensions: DimensionFilters,
    *,
    since: Annotated[str | None, Query(alias="from", description=_FROM)] = None,
    until: Annotated[str | None, Query(alias="to", description="Before this start; written like `from`.")] = None,
    call_type: Annotated[
        Literal["unknown", "groupCall", "peerToPeer", "unknownFutureValue"] | None,
        Query(alias="type", description="Graph's callType."),
    ] = None,
    modality: Annotated[
        Literal["audio", "video", "videoBasedScreenSharing", "data", "screenSharing", "unknownFutureValue"] | None,
        Query(description="A modality that the call had, perhaps among others."),
    ] = None,
    participant: Annotated[str | None, Query(min_length=1, max_length=200, description=_WHO)] = None,
    organizer: Annotated[str | None, Query(min_length=1, max_length=200, description=_WHO)] = None,
    number: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=50,
            description="A telephone number of anybody who took part: digits, with or without `+`, `00`, blanks; "
            "a prefix ends in `*`. Masked digits of a stored number (`+49155555****`) are compared as they are.",
        ),
    ] = None,
    department: Annotated[
        str | None,
        Query(
            min_length=1, max_length=300, description="Calls with a participant who was in this department that day."
        ),
    ] = None,
    tenant: Tenant = None,
    quality: Annotated[
        Literal["good", "poor", "unknown"] | None,
        Query(description="The worst of any stream, by the rule set in `quality_rules`."),
    ] = None,
    failed: Annotated[
        bool | None, Query(description="Whether a session or segment that carried the call has a failure.")
    ] = None,
    failed_stage: Annotated[
        Literal["setup", "midcall", "unknown"] | None,
        Query(description="At which stage the call failed, as reported by Graph."),
    ] = None,
    rating: Annotated[
        Literal["bad", "poor", "fair", "good", "excellent"] | None,
        Query(description="The worst that anybody gave."),
    ] = None,
    outcome: Annotated[
        Outcome | None, Query(description="How the call ended, as far as the record and the logs of telephony say.")
    ] = None,
    direction: Annotated[
        Direction | None, Query(description="From the organisation's view; not known of most meetings.")
    ] = None,
    pstn: Annotated[bool | None, Query(description="Whether a telephone took part, or its gateway.")] = None,
    min_duration: Annotated[
        str | None, Query(max_length=50, description="At least so long: seconds (`90`), or `5m`, `2h`, `PT5M`.")
    ] = None,
    join_url: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=4000,
            pattern=r"\S",
            description="A meeting's join URL, however it is escaped: every call of that meeting.",
        ),
    ] = None,
    order: Annotated[Order, Query(description="`-start` has the newest first.")] = "-start",
    limit: Annotated[int, Query(ge=1, le=200, description="Calls on one page.")] = 50,
    cursor: Annotated[
        str | None, Query(description="next_cursor of the page before; all else but `limit` stays as it was.")
    ] = None,
) -> Response:
    """Summaries with a cursor to the next page, which neither skips nor repeats a call while new ones arrive.

    All filters that are given must hold.
    """
    refuse_unknown(request)
    filters = Filters(
        since=moment("from", since),
        until=moment("to", until),
        type=call_type,
        modality=modality,
        participant=participant,
        organizer=organizer,
        number=telephone_number("number", number),
        department=department,
        tenant_id=tenant_id(tenant),
        tenants=caller.tenants,
        quality=quality,
        failed=failed,
        failed_stage=failed_stage,
        rating=rating,
        outcome=outcome,
        direction=direction,
        pstn=pstn,
        min_duration=seconds("min_duration", min_duration),
        join_url=join_url,
        sites=caller.sites,
        **dimensions,
    )
    here = context(request)
    cursors = Cursors(await shared_secret.get_or_create(here.database, "cursors"))
    try:
        after = cursors.read(cursor, order, filters) if cursor is not None else None
    except ValueError as error:
        raise Problem(422, f"cursor: {error}.") from None
    async with here.reads.reading() as db:
        page = await stored_calls.calls(db, filters, order=order, limit=limit, after=after)
    request.state.answered = len(page.items)
    next_cursor = cursors.write(page.next, order, filters) if page.next else None
    headers = {"Link": f'<{_next(request, next_cursor)}>; rel="next"'} if next_cursor else None
    return written({"items": page.items, "next_cursor": next_cursor}, headers)


@router.get("/calls/{call_id}", summary="One call with all its rows", response_model=Call)
async def get_call(request: Request, call_id: CallIdInPath, caller: Reader, tenant: Tenant = None) -> Response:
    """The call with participants, sessions, segments, media and streams; durations in seconds, times in UTC."""
    refuse_unknown(request)
    reads, filters = context(request).reads, of_caller(caller, tenant)
    async with reads.snapshot() as db:
        found = await stored_calls.head(db, call_id, filters)
        if found is None:
            raise missing_call(call_id)
        key, head = found
        if head["session_count"] <= call_text.AT_ONCE:
            return written(await stored_calls.call(db, call_id, filters))
        document = await detail.memory(db, [key])
    await request.state.memory.reserve(_LARGE_CALL + document + _PARTICIPANT * head["participants_seen"])
    spool = Spool()
    async with reads.snapshot() as db:
        async for piece in call_text.pieces(db, key, head):
            spool.add(piece)
    return StreamingResponse(spool.pieces(), media_type="application/json")


@router.get("/calls/{call_id}/record", summary="The document as Graph gave it")
async def get_record(
    request: Request, call_id: CallIdInPath, caller: Reader, tenant: Tenant = None, version: Version = None
) -> Response:
    """All pages merged, nothing left out and nothing rounded."""
    refuse_unknown(request)
    reads = context(request).reads
    async with reads.reading() as db:
        found = await stored_calls.stored_document(db, call_id, of_caller(caller, tenant), version, most=FREE_BYTES)
    packed = found.document if found else None
    if found is not None and packed is None:
        await request.state.memory.reserve(found.packed_bytes + _WINDOW)
        async with reads.reading() as db:
            packed = await stored_calls.packed(db, found.key, found.version)
    if packed is None:
        raise missing_call(call_id)
    return StreamingResponse(codec.unpacked(packed), media_type="application/json")


def of_caller(caller: Caller, tenant: UUID | None) -> Filters:
    return Filters(tenant_id=tenant_id(tenant), **caller.limits)


def _next(request: Request, cursor: str) -> str:
    others = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return f"{request.url.path}?{urlencode(others | {'cursor': cursor})}"


def missing_call(call_id: CallId) -> Problem:
    return Problem(404, f"The archive has no call {call_id[:100]}; /api/inbox shows whether it is still to be fetched.")


def written(content: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), headers=headers, media_type="application/json")
