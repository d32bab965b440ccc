"""One request to Graph: its turn, its headers, its answer, its metrics and its span."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, Protocol
from uuid import uuid4

import orjson

from app.graph.errors import GraphError, Throttled
from app.graph.transport import answers, http_client, links
from app.graph.transport.answers import Answer
from app.observability.tracing import OFF, Span, SpanKind, Tracing, failed, spans

Observe = Callable[[str, int | str, float], None]

# Without it newer values of an enum arrive as "unknownFutureValue".
# https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
_PREFER = {"Prefer": "include-unknown-enum-members"}


class Pacing(Protocol):
    """Decides when the next request may be sent."""

    async def turn(self, scope: str) -> None:
        """Returns when a request of this scope may be sent: "" in general, "record:<id>", or "list"."""

    def throttle(self, seconds: float | None) -> None:
        """Graph asked for a wait of so many seconds; None where it did not say how long."""


class LargeAnswers(Protocol):
    """Bounds the memory of large answers."""

    async def reserve(self, scope: str, size: int | None) -> None:
        """Returns when so many bytes may be read for this scope; None: it is not known how many."""


class Exchange:
    """Sends single requests; stores nothing between them."""

    def __init__(
        self,
        *,
        http: http_client.Http,
        auth: http_client.Auth,
        pace: Pacing,
        observe: Observe | None,
        tracing: Tracing = OFF,
        large: LargeAnswers | None = None,
    ) -> None:
        self._http = http
        self._auth = auth
        self._pace = pace
        self._observe = observe
        self._tracing = tracing
        self._large = large
        self._headers = http_client.default_headers(http) | _PREFER

    async def get(self, operation: str, url: str, scope: str, *, resent: int = 0) -> tuple[dict[str, Any], bytes]:
        """The JSON object at this URL, and the bytes it was read from; ``resent`` is the number of earlier attempts."""
        answer = await self.send(operation, "GET", url, scope, resent=resent)
        return answers.document(answer), answer.body

    async def send(
        self,
        operation: str,
        method: str,
        url: str,
        scope: str,
        body: dict[str, Any] | None = None,
        *,
        resent: int = 0,
    ) -> Answer:
        """The answer, which is a 2xx one: any other is raised as the error it means."""
        await self._pace.turn(scope)
        client_request_id = str(uuid4())
        headers = {**self._headers, "client-request-id": client_request_id}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with self._tracing.span(f"{method} {operation}", kind=SpanKind.CLIENT) as span:
                if span.is_recording():
                    span.set_attributes(_described(operation, method, url, client_request_id, resent))
                answer = await self._observed(operation, method, url, headers, body, scope)
                if span.is_recording():
                    _describe_answer(span, answer)
            if (error := answers.error(answer)) is None:
                return answer
            raise error
        except GraphError as error:
            error.client_request_id = client_request_id
            if isinstance(error, Throttled):
                self._pace.throttle(error.retry_after)
            raise

    async def _observed(
        self,
        operation: str,
        method: str,
        url: str,
        headers: http_client.Headers,
        body: dict[str, Any] | None,
        scope: str,
    ) -> Answer:
        content = None if body is None else orjson.dumps(body)
        reserve = self._reserve(scope)
        outcome: int | str = "cancelled"
        began = perf_counter()
        try:
            answer = await http_client.send(self._http, self._auth, method, url, headers, content, reserve)
            outcome = answer.status
        except GraphError as error:
            outcome = type(error).__name__
            raise
        finally:
            if self._observe is not None:
                self._observe(operation, outcome, perf_counter() - began)
        return answer

    def _reserve(self, scope: str) -> http_client.Reserve | None:
        """Only for records: pages of lists are small, and no code releases their bytes."""
        return partial(self._large.reserve, scope) if self._large and scope.startswith("record:") else None


def _described(operation: str, method: str, url: str, client_request_id: str, resent: int) -> dict[str, str | int]:
    """Of the URL only the host: the rest holds filters and Graph's own cursors."""
    origin = links.origin(url)
    return {
        spans.METHOD: method,
        spans.OPERATION: operation,
        spans.SERVER: origin[1] if origin else "",
        spans.CLIENT_REQUEST_ID: client_request_id,
        spans.RESENT: resent,
    }


def _describe_answer(span: Span, answer: Answer) -> None:
    span.set_attribute(spans.STATUS, answer.status)
    if request_id := answer.headers.get("request-id"):
        span.set_attribute(spans.REQUEST_ID, request_id)
    if answers.error(answer) is not None:
        failed(span, str(answer.status))
