"""One request to Graph and what it meant: its turn, its headers, its answer, its place in the metrics."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Protocol
from uuid import uuid4

import orjson

from app.graph import answers, transport
from app.graph.answers import Answer
from app.graph.errors import GraphError, Throttled

Observe = Callable[[str, int | str, float], None]

# Without it newer values of an enum arrive as "unknownFutureValue".
# https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
_PREFER = (b"Prefer", b"include-unknown-enum-members")
_SENT_AS_JSON = (b"Content-Type", b"application/json")


class Gate(Protocol):
    """Who decides when the next request may go."""

    async def turn(self, scope: str) -> None:
        """Returns when a request of this scope may be sent: "" in general, "record:<id>", or "list"."""

    def hold(self, seconds: float | None) -> None:
        """Graph asked us to wait; None where it did not say how long."""


class Exchange:
    """Sends requests one by one; keeps nothing between them."""

    def __init__(self, *, http: transport.Http, auth: transport.Auth, gate: Gate, observe: Observe | None) -> None:
        self._http = http
        self._auth = auth
        self._gate = gate
        self._observe = observe
        self._headers = [*transport.default_headers(http), _PREFER]

    async def get(self, operation: str, url: str, scope: str) -> tuple[dict[str, Any], bytes]:
        """The JSON object at this URL, and the bytes it was read from."""
        answer = await self.send(operation, "GET", url, scope)
        return answers.document(answer), answer.body

    async def send(
        self, operation: str, method: str, url: str, scope: str, body: dict[str, Any] | None = None
    ) -> Answer:
        """The answer, which is a 2xx one: any other is raised as the error it means."""
        await self._gate.turn(scope)
        client_request_id = str(uuid4())
        headers = [*self._headers, (b"client-request-id", client_request_id.encode())]
        if body is not None:
            headers.append(_SENT_AS_JSON)
        try:
            answer = await self._observed(operation, method, url, headers, body)
            if (error := answers.error(answer)) is None:
                return answer
            raise error
        except GraphError as error:
            error.client_request_id = client_request_id
            if isinstance(error, Throttled):
                self._gate.hold(error.retry_after)
            raise

    async def _observed(
        self, operation: str, method: str, url: str, headers: transport.RawHeaders, body: dict[str, Any] | None
    ) -> Answer:
        content = None if body is None else orjson.dumps(body)
        outcome: int | str = "cancelled"
        began = perf_counter()
        try:
            answer = await transport.send(self._http, self._auth, method, url, headers, content)
            outcome = answer.status
        except GraphError as error:
            outcome = type(error).__name__
            raise
        finally:
            if self._observe is not None:
                self._observe(operation, outcome, perf_counter() - began)
        return answer
