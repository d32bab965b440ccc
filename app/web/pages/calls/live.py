"""New calls as server-sent events, each a table row rendered by the template of the table."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.web import unknown_parameters
from app.web.auth.admission import still_admits
from app.web.auth.callers import Caller, Reader
from app.web.context import Context, context
from app.web.pages.calls.arrivals import Arrivals
from app.web.pages.calls.columns import USUAL
from app.web.pages.shared.counted_stream import CountedStream, Leaves
from app.web.pages.shared.render import fragments
from app.web.problems import answer
from app.web.reads.turns import TooManyRequests

router = APIRouter(include_in_schema=False)

EVERY = 1.0  # seconds between two polls of the archive
CHECK_EVERY = 0.5  # seconds between two checks that the caller still has access
KEEPALIVE = 15.0  # seconds without an event until one says that the server is there; no proxy closes the connection
ALIVE = "event: alive\ndata: 1\n\n"
LIFETIME = 300.0  # seconds until the browser has to reconnect

_HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


@router.get("/live")
async def live(request: Request, caller: Reader) -> Response:
    """Events ``call`` with the row's HTML, for calls after the last key that the browser received."""
    unknown_parameters.refuse(request.query_params, ("after",))
    seen = request.headers.get("last-event-id") or request.query_params.get("after", "")
    after = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else None
    return _LiveStream(request, caller, after)


class _LiveStream(CountedStream):
    """At most four at once for a caller; the next one is answered with 429."""

    def __init__(self, request: Request, caller: Caller, after: int | None) -> None:
        here = context(request)
        self._caller, self._open = caller, here.live_streams
        events = partial(_events, request, here, caller, after)
        super().__init__(request, events, media_type="text/event-stream", headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._open.take(self._caller.name)
        except TooManyRequests:
            await _too_many()(scope, receive, send)
            return
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._open.give_back(self._caller.name)


def _too_many() -> Response:
    detail = "This caller has too many streams of new calls open. Close a page that shows new calls."
    return answer(429, detail, {"Retry-After": "30"})


async def _events(
    request: Request, here: Context, caller: Caller, after: int | None, leaves: Leaves
) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    arrivals = Arrivals(here.database, Filters(**caller.limits), after)
    loop = asyncio.get_running_loop()
    end, keepalive, poll = loop.time() + LIFETIME, loop.time() + KEEPALIVE, loop.time()
    while not here.stopping.is_set() and loop.time() < end:
        if not await still_admits(here, request.scope, caller):
            return  # the browser reconnects, and is refused where the database has not merely been away
        found: list[stored_calls.Keyed] = []
        if loop.time() >= poll:
            found, poll = await _newer(arrivals), loop.time() + EVERY
        try:
            await leaves(len(found))
        except (TimeoutError, SQLAlchemyError, OSError):
            return  # not recorded, so not sent; the browser reconnects and continues before them
        rows = await fragments(request, "call_row.html", [{"call": call, "columns": USUAL} for _, call in found])
        for (key, _), row in zip(found, rows, strict=True):
            yield _event(key, row)
        if found:
            keepalive = loop.time() + KEEPALIVE
        elif loop.time() > keepalive:
            keepalive = loop.time() + KEEPALIVE
            yield ALIVE
        with suppress(TimeoutError):
            await asyncio.wait_for(here.stopping.wait(), CHECK_EVERY)


async def _newer(arrivals: Arrivals) -> list[stored_calls.Keyed]:
    try:
        return await arrivals.poll()
    except (SQLAlchemyError, OSError):
        return []  # the next poll finds them


def _event(key: int, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"id: {key}\nevent: call\n{lines}\n"
