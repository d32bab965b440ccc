"""`/api/calls`: the archive for programs. The document itself comes as Graph gave it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from app.archive import document, query
from app.web.context import context
from app.web.keys import Reader
from app.web.parameters import refuse_unknown
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["calls"])

# What PostgreSQL cannot hold is the id of nothing.
CallId = Annotated[str, Path(pattern=r"^[^\x00]+$", description="The call record's id.")]


@router.get("/calls", summary="Calls, newest first")
async def list_calls(
    request: Request,
    _: Reader,
    since: Annotated[str | None, Query(alias="from", description="First start, ISO 8601 with offset.")] = None,
    until: Annotated[str | None, Query(alias="to", description="Before this start, ISO 8601 with offset.")] = None,
    tenant: UUID | None = None,
    order: Literal["-start", "start"] = "-start",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Response:
    """Summaries with a cursor to the next page, which neither skips nor repeats a call while new ones arrive."""
    refuse_unknown(request)
    async with context(request).database.reading() as db:
        try:
            page = await query.calls(
                db,
                since=_moment("from", since),
                until=_moment("to", until),
                tenant_id=str(tenant) if tenant else None,
                order=order,
                limit=limit,
                cursor=cursor,
            )
        except ValueError as error:
            raise Problem(422, f"cursor: {error}") from None
    headers = {"Link": f'<{_next(request, page.next_cursor)}>; rel="next"'} if page.next_cursor else None
    return _json({"items": page.items, "next_cursor": page.next_cursor}, headers)


@router.get("/calls/{call_id}", summary="One call with all its rows")
async def get_call(request: Request, call_id: CallId, _: Reader, tenant: UUID | None = None) -> Response:
    """The call with participants, sessions, segments, media and streams; durations in seconds, times in UTC."""
    async with context(request).database.reading() as db:
        found = await query.call(db, call_id, str(tenant) if tenant else None)
    if found is None:
        raise _absent(call_id)
    return _json(found)


@router.get("/calls/{call_id}/record", summary="The document as Graph gave it")
async def get_record(request: Request, call_id: CallId, _: Reader, tenant: UUID | None = None) -> Response:
    """All pages merged, nothing left out and nothing rounded."""
    async with context(request).database.reading() as db:
        packed = await query.document(db, call_id, str(tenant) if tenant else None)
    if packed is None:
        raise _absent(call_id)
    return StreamingResponse(document.unpacked(packed), media_type="application/json")


def _moment(name: str, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(
            value.replace(" ", "+") if "T" in value else value
        )  # a bare + arrives as a blank
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(422, f"{name}: {value[:50]!r} is not a time such as 2026-01-31T09:00:00Z.") from None


def _next(request: Request, cursor: str) -> str:
    kept = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return f"{request.url.path}?{urlencode(kept | {'cursor': cursor})}"


def _absent(call_id: str) -> Problem:
    return Problem(
        404, f"The archive has no call {call_id[:100]}; /api/inbox tells whether it is still to be collected."
    )


def _json(content: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), headers=headers, media_type="application/json")
