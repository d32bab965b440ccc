"""The two routes that Graph calls, without a key.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

from collections import Counter
from http import HTTPStatus
from time import perf_counter

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.graph.notifications import Item, NotACollection, read
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.tracing import OFF, Span, SpanKind, Tracing, failed, spans
from app.web.problems import answer
from app.web.webhook.receiver import Door

LARGEST = 4 * 1024 * 1024  # bytes
_ACCEPTED = Response(status_code=202)  # has no state: one serves all
_PLAIN = {"X-Content-Type-Options": "nosniff"}

_log = log.get(__name__)


def routes(door: Door, metrics: Metrics, tracing: Tracing = OFF) -> dict[str, ASGIApp]:
    """By path; both take both kinds of items, because Graph may be told one address for everything."""

    async def receive(scope: Scope, receive: Receive, send: Send) -> None:
        begun = perf_counter()
        # Of another method nothing is kept: anybody may call, and only Graph's POSTs are worth a span.
        with (tracing if scope["method"] == "POST" else OFF).span(
            f"POST {scope['path']}", kind=SpanKind.SERVER, root=True
        ) as span:
            response = await _receive(Request(scope, receive), door, span)
            await response(scope, receive, send)
            if span.is_recording():
                _tell(span, scope["path"], response.status_code)
        metrics.batches.observe(perf_counter() - begun)

    return dict.fromkeys(("/graph/notifications", "/graph/lifecycle"), receive)


async def _receive(request: Request, door: Door, span: Span) -> Response:
    if request.method != "POST":
        return answer(405, "Microsoft Graph posts here; nothing else is answered.", {"Allow": "POST"})
    token = request.query_params.get("validationToken") if request.scope["query_string"] else None
    if token is not None:
        span.set_attribute(spans.HANDSHAKE, True)  # noqa: FBT003 -- the attribute's value
        return PlainTextResponse(token, headers=_PLAIN)
    try:
        body = await _body(request)
        items = read(body)
    except OverflowError:
        return answer(413, f"A batch of notifications has at most {LARGEST} bytes.")
    except NotACollection as error:
        return answer(400, f"This is not a collection of notifications: {error}.")
    except ClientDisconnect:
        return Response(status_code=400)
    return await _store(door, items, span)


async def _store(door: Door, items: list[Item], span: Span) -> Response:
    try:
        outcomes = await door.take(items)
    except (TimeoutError, SQLAlchemyError, OSError) as error:
        _log.error("notifications_not_stored", items=len(items), error=type(error).__name__)
        return answer(503, "The database did not take it in time; send it again.", {"Retry-After": "5"})
    if span.is_recording():
        told = {spans.OUTCOME_OF[outcome]: times for outcome, times in Counter(outcomes).items()}
        span.set_attributes({spans.ITEMS: len(items), **told})
    return _ACCEPTED


def _tell(span: Span, path: str, status: int) -> None:
    span.set_attributes({spans.METHOD: "POST", spans.ROUTE: path, spans.STATUS: status})
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        failed(span, str(status))


async def _body(request: Request) -> bytes:
    """The body, never more of it than is allowed; OverflowError if it is larger."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > LARGEST:
        raise OverflowError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise OverflowError
    return bytes(body)
