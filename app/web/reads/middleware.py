"""Limits the reads of known callers: turns, memory, and clients that no longer take their answer.

It runs behind access control, which names the caller; the requests of a batch pass through both, each on its own.
"""

import asyncio
from typing import Literal

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.caller import Caller
from app.memory import ByteBudget
from app.observability import log
from app.web.context import Context
from app.web.pages.shared.error_page import error_page, is_for_people
from app.web.problems import LATER, answer
from app.web.reads.limits import BATCH_PATH, EXPORT_PATH
from app.web.reads.memory import Reservation
from app.web.reads.turns import TooManyRequests, Turns

Kind = Literal["read", "export", "batch"]

# Streams with a limit of their own, and what must answer while all turns are taken.
_WITHOUT_TURN = frozenset({"/live", "/api/status", "/zone", "/sign-out"})

_log = log.get(__name__)


class Stalled(Exception):
    """The client took no more of its answer."""


class ReadGuard:
    """Puts the request's Reservation into ``request.state.memory``."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._limits = limits = context.limits
        self._metrics = context.metrics
        self.turns = {"read": Turns(limits.reads), "export": Turns(limits.exports), "batch": Turns(limits.batches)}
        self.memory = ByteBudget(limits.memory_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller, kind = _caller(scope), _kind(scope)
        if caller is None or kind is None:
            await self._app(scope, receive, send)
            return
        turns = self.turns[kind]
        try:
            await turns.take(caller)
        except TooManyRequests as error:
            self._metrics.refused.labels(reason="busy").inc()
            await _refuse(scope, receive, send, str(error))
            return
        reservation = Reservation(self.memory, self._limits.memory_seconds)
        scope["state"]["memory"] = reservation
        try:
            await self._run(scope, receive, send)
        finally:
            reservation.release()
            turns.give_back(caller)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            if message["type"] != "http.response.body":  # access control writes the audit before it passes the head
                await send(message)
                return
            try:
                async with asyncio.timeout(self._limits.stalled_seconds):
                    await send(message)
            except TimeoutError:
                raise Stalled from None

        try:
            await self._app(scope, receive, send_in_time)
        except Stalled:  # the server closes the connection of an answer that was not completed
            _log.warning("read_stalled", route=getattr(scope.get("route"), "path", None))


def _caller(scope: Scope) -> str | None:
    """Whose turns are counted: a session's or a key's; None where access control let the request pass unknown."""
    state = scope.get("state", {})
    caller = state.get("caller")
    if not isinstance(caller, Caller):
        return None
    session = state.get("session")
    return f"session {session.id}" if session is not None else f"key {caller.name}"


def _kind(scope: Scope) -> Kind | None:
    """None: without a turn. Every other GET has one, so that no route can be forgotten."""
    path = scope["path"]
    if path == BATCH_PATH:
        return "batch"
    if scope["method"] not in {"GET", "HEAD"} or path in _WITHOUT_TURN:
        return None
    return "export" if path == EXPORT_PATH else "read"


async def _refuse(scope: Scope, receive: Receive, send: Send, detail: str) -> None:
    request = Request(scope)
    if is_for_people(request):
        refusal = await error_page(request, 429, detail)
        refusal.headers.update(LATER)
    else:
        refusal = answer(429, detail, LATER)
    await refusal(scope, receive, send)
