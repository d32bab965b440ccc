"""`/telephony/calls`: rows of one log, by the filters of the API, a direction and a sub code, and the same as CSV."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.archive.schema.call_log_types import DIRECT_ROUTING, PSTN
from app.db.secrets import shared_secret
from app.export.csv_text import BOM, END, cell
from app.telephony.queries import log_pages
from app.telephony.queries.log_cursor import LogCursors
from app.telephony.queries.log_filters import LogFilters
from app.web import unknown_parameters
from app.web.api.parameters import moment, telephone_number
from app.web.auth.callers import Caller, Reader
from app.web.context import context
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

LOGS = {"pstn": PSTN, "direct-routing": DIRECT_ROUTING}
NAMES = ("log", "from", "to", "user", "number", "call_type", "direction", "trunk", "sip_code", "sub_code")
DIRECTIONS = ("inbound", "outbound", "unknown")
MOST_DIGITS = 9  # of a code
SIZE = 50
MOST = 10_000  # rows of a CSV file
_AT_ONCE = 1_000
_MEMORY = 30_000_000  # bytes: the rows of a CSV file


@router.get("/telephony/calls")
async def calls(request: Request, caller: Reader) -> Response:
    unknown_parameters.refuse(request.query_params, (*NAMES, "cursor"))
    here, query = context(request), request.query_params
    log, filters = _asked(request, caller)
    cursors = LogCursors(await shared_secret.get_or_create(here.database, "cursors"))
    try:
        after = cursors.read(query["cursor"], filters) if query.get("cursor") else None
    except ValueError as error:
        raise Problem(422, f"cursor: {error}.") from None
    async with here.reads.reading() as db:
        found = await log_pages.page(db, filters, SIZE, after)
    request.state.answered = len(found.items)
    others = {name: value for name, value in query.items() if name != "cursor" and value}
    following = urlencode(others | {"cursor": cursors.write(found.next, filters)}) if found.next else None
    return await page(
        request,
        "telephony_calls.html",
        nav="/telephony",
        log=log,
        asked=others,
        items=found.items,
        following=following,
        as_csv=urlencode(others),
        to_other=urlencode(others | {"log": "pstn" if log == "direct-routing" else "direct-routing"}),
    )


@router.get("/telephony/calls.csv")
async def calls_as_csv(request: Request, caller: Reader) -> Response:
    """The newest rows that the filters let through."""
    unknown_parameters.refuse(request.query_params, NAMES)
    log, filters = _asked(request, caller)
    await request.state.memory.reserve(_MEMORY)
    items: list[dict[str, Any]] = []
    after = None
    async with context(request).reads.snapshot() as db:
        while len(items) < MOST:
            found = await log_pages.page(db, filters, _AT_ONCE, after)
            items += found.items
            after = found.next
            if after is None:
                break
    request.state.answered = len(items)
    heads = list(items[0]) if items else ["id"]
    lines = [",".join(heads), *(",".join(_cell(item[head]) for head in heads) for item in items)]
    headers = {"Content-Disposition": f'attachment; filename="{log}-calls.csv"', "Cache-Control": "no-store"}
    text = BOM + "".join(line + END for line in lines)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _asked(request: Request, caller: Caller) -> tuple[str, LogFilters]:
    query = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    log = query.get("log", "direct-routing")
    if log not in LOGS:
        raise Problem(422, f"log: write {' or '.join(LOGS)}.")
    direction = query.get("direction")
    if direction is not None and direction not in DIRECTIONS:
        raise Problem(422, f"direction: write {', '.join(DIRECTIONS)}.")
    return log, LogFilters(
        kinds=(LOGS[log],),
        since=moment("from", query.get("from")),
        until=moment("to", query.get("to")),
        **caller.limits,
        user=query.get("user"),
        number=telephone_number("number", query.get("number")),
        call_type=query.get("call_type"),
        trunk=query.get("trunk"),
        direction=direction,
        sip_code=_code("sip_code", query, "486"),
        sub_code=_code("sub_code", query, "560486"),
    )


def _code(name: str, query: dict[str, str], example: str) -> int | None:
    code = query.get(name)
    if code is not None and not (code.isascii() and code.isdecimal() and len(code) <= MOST_DIGITS):
        raise Problem(422, f"{name}: write a number such as {example}.")
    return int(code) if code is not None else None


def _cell(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else cell(value)
