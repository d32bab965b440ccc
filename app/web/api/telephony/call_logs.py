"""`/api/pstn-calls` and `/api/direct-routing-calls`: rows of Microsoft's logs, with the archived call of each."""

from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.archive.schema.call_log_types import DIRECT_ROUTING, PSTN
from app.db.secrets import shared_secret
from app.telephony.queries import log_pages
from app.telephony.queries.log_cursor import LogCursors
from app.telephony.queries.log_filters import LogFilters
from app.web.api.calls import written
from app.web.api.parameters import moment, refuse_unknown, telephone_number, tenant_id
from app.web.api.telephony.call_log_models import DirectRoutingPage, PstnPage
from app.web.auth.callers import Caller, Reader
from app.web.context import context
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["telephony"])

_FROM = "First start, ISO 8601 with offset (2026-01-31T09:00:00Z); without one it is UTC."
_NUMBER = (
    "A number of the caller or the callee: digits, with or without `+`, `00`, blanks; a prefix ends in `*`. "
    "Rows whose last digits are masked are found too if they may be of the number."
)


class Asked:
    """The parameters that both lists have."""

    def __init__(
        self,
        *,
        since: Annotated[str | None, Query(alias="from", description=_FROM)] = None,
        until: Annotated[str | None, Query(alias="to", description="Before this start; written like `from`.")] = None,
        user: Annotated[
            str | None, Query(min_length=1, max_length=200, description="Object id or user principal name.")
        ] = None,
        number: Annotated[str | None, Query(min_length=1, max_length=50, description=_NUMBER)] = None,
        call_type: Annotated[
            str | None, Query(min_length=1, max_length=64, description="Graph's callType, as it is in the row.")
        ] = None,
        trunk: Annotated[
            str | None, Query(min_length=1, max_length=255, description="Name of the SBC; only Direct Routing has one.")
        ] = None,
        sip_code: Annotated[
            int | None, Query(ge=0, le=2**31 - 1, description="The final SIP code; only Direct Routing has one.")
        ] = None,
        call_id: Annotated[UUID | None, Query(description="Rows of the archived call with this id.")] = None,
        tenant: Annotated[UUID | None, Query(description="Only rows of this tenant, by its GUID.")] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="Rows on one page.")] = 50,
        cursor: Annotated[
            str | None, Query(description="next_cursor of the page before; all else but `limit` stays as it was.")
        ] = None,
    ) -> None:
        self.since, self.until = moment("from", since), moment("to", until)
        self.user, self.number = user, telephone_number("number", number)
        self.call_type, self.trunk, self.sip_code = call_type, trunk, sip_code
        self.call_id = str(call_id) if call_id else None
        self.tenant, self.limit, self.cursor = tenant_id(tenant), limit, cursor

    def filters(self, kind: str, caller: Caller) -> LogFilters:
        return LogFilters(
            kinds=(kind,),
            since=self.since,
            until=self.until,
            tenant_id=self.tenant,
            **caller.limits,
            user=self.user,
            number=self.number,
            call_type=self.call_type,
            trunk=self.trunk,
            sip_code=self.sip_code,
            call_id=self.call_id,
        )


Parameters = Annotated[Asked, Depends()]


@router.get("/pstn-calls", summary="Rows of the PSTN log, newest first", response_model=PstnPage)
async def list_pstn_calls(request: Request, caller: Reader, asked: Parameters) -> Response:
    """Calling Plan, Operator Connect and audio conferencing; all filters that are given must hold."""
    return await _list(request, caller, asked, PSTN)


@router.get("/direct-routing-calls", summary="Rows of the Direct Routing log", response_model=DirectRoutingPage)
async def list_direct_routing_calls(request: Request, caller: Reader, asked: Parameters) -> Response:
    """Calls over the organisation's own SBC, newest first; all filters that are given must hold."""
    return await _list(request, caller, asked, DIRECT_ROUTING)


async def _list(request: Request, caller: Caller, asked: Asked, kind: str) -> Response:
    refuse_unknown(request)
    here, filters = context(request), asked.filters(kind, caller)
    cursors = LogCursors(await shared_secret.get_or_create(here.database, "cursors"))
    try:
        after = cursors.read(asked.cursor, filters) if asked.cursor is not None else None
    except ValueError as error:
        raise Problem(422, f"cursor: {error}.") from None
    async with here.reads.reading() as db:
        page = await log_pages.page(db, filters, asked.limit, after)
    request.state.answered = len(page.items)
    next_cursor = cursors.write(page.next, filters) if page.next else None
    headers = {"Link": f'<{_next(request, next_cursor)}>; rel="next"'} if next_cursor else None
    return written({"items": [_with_numbers(item) for item in page.items], "next_cursor": next_cursor}, headers)


def _with_numbers(item: dict[str, Any]) -> dict[str, Any]:
    """Charges as JSON's own numbers, with all their digits."""
    exact = {name: orjson.Fragment(f"{value:f}") for name, value in item.items() if isinstance(value, Decimal)}
    return item | exact


def _next(request: Request, cursor: str) -> str:
    others = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return f"{request.url.path}?{urlencode(others | {'cursor': cursor})}"
