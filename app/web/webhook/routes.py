"""The two routes that Graph calls, without a key.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from time import perf_counter
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.graph.notifications.reader import MOST_ENTRIES, NotACollection, TooManyEntries, entries
from app.observability.metrics import Metrics
from app.observability.tracing import OFF, Span, SpanKind, Tracing, failed, spans
from app.web import request_body
from app.web.problems import LATER, Problem, answer
from app.web.request_body import RequestBodies
from app.web.webhook.receiver import Receiver

LARGE = 64 * 1024  # bytes; larger batches are taken one at a time, because their objects need many times their bytes
_ACCEPTED = Response(status_code=202)  # has no state, so all requests share it
_PLAIN = {"X-Content-Type-Options": "nosniff"}


def routes(
    receiver: Receiver, metrics: Metrics, tracing: Tracing = OFF, bodies: RequestBodies | None = None
) -> dict[str, ASGIApp]:
    """By path; both take both kinds of items, because one address may be registered at Graph for everything."""
    webhook = _Webhook(receiver, bodies or request_body.notifications())

    async def receive(scope: Scope, receive: Receive, send: Send) -> None:
        begun = perf_counter()
        # Only POSTs get a span: requests of other methods come from others than Graph.
        with (tracing if scope["method"] == "POST" else OFF).span(
            f"POST {scope['path']}", kind=SpanKind.SERVER, root=True
        ) as span:
            response = await webhook.answer_to(Request(scope, receive), span)
            await response(scope, receive, send)
            if span.is_recording():
                _describe(span, scope["path"], response.status_code)
        metrics.batches.observe(perf_counter() - begun)

    return dict.fromkeys(("/graph/notifications", "/graph/lifecycle"), receive)


class _Webhook:
    def __init__(self, receiver: Receiver, bodies: RequestBodies) -> None:
        self._receiver = receiver
        self._bodies = bodies
        self._large = asyncio.Semaphore(1)

    async def answer_to(self, request: Request, span: Span) -> Response:
        if request.method != "POST":
            return answer(405, "Only POST requests of Microsoft Graph are answered here.", {"Allow": "POST"})
        token = request.query_params.get("validationToken") if request.scope["query_string"] else None
        if token is not None:
            span.set_attribute(spans.HANDSHAKE, True)  # noqa: FBT003 -- the attribute's value
            return PlainTextResponse(token, headers=_PLAIN)
        try:
            async with self._collection(request) as found:
                return await self._store(found, span)
        except Problem as problem:
            return answer(problem.status, problem.detail, problem.headers)
        except TooManyEntries:
            return answer(413, f"A batch of notifications has at most {MOST_ENTRIES} entries.")
        except NotACollection as error:
            return answer(400, f"This is not a collection of notifications: {error}.")

    @asynccontextmanager
    async def _collection(self, request: Request) -> AsyncIterator[list[Any]]:
        """The entries of the body. Of large bodies, one at a time is in memory as objects."""
        async with self._bodies.read(request) as body:
            if len(body) <= LARGE:
                yield entries(body)
                return
            try:
                async with asyncio.timeout(self._receiver.patience):
                    await self._large.acquire()
            except TimeoutError:
                raise request_body.bodies_full() from None
            try:
                yield entries(body)
            finally:
                self._large.release()

    async def _store(self, found: list[Any], span: Span) -> Response:
        try:
            outcomes = await self._receiver.take(found)
        except (TimeoutError, SQLAlchemyError, OSError):
            return answer(503, "The database did not store it in time. Send it again.", LATER)
        if span.is_recording():
            counted = {spans.OUTCOME_OF[outcome]: items for outcome, items in outcomes.items()}
            span.set_attributes({spans.ITEMS: len(found), **counted})
        return _ACCEPTED


def _describe(span: Span, path: str, status: int) -> None:
    span.set_attributes({spans.METHOD: "POST", spans.ROUTE: path, spans.STATUS: status})
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        failed(span, str(status))
