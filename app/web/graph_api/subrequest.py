"""One request of a batch, sent through the entire application: access control and audit apply as to any other."""

import asyncio
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from starlette.types import Message, Scope

from app.memory import ByteBudget
from app.web.graph_api.batch_body import BatchRequest
from app.web.graph_api.middleware import Answer, GraphEdge, error_response

# From the outer request: who asks, and how the client reached us, which links to the next page repeat.
_INHERITED = (
    b"authorization",
    b"x-api-key",
    b"host",
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
)
_OF_THE_CONNECTION = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path")


async def run(outer: Request, request: BatchRequest, budget: ByteBudget) -> Answer:
    """What the application answers to it alone; 413 where it does not fit beside the others.

    ``budget``: the bytes that the answers of one batch may have together.
    """
    collected = _Collected(budget)
    try:
        await GraphEdge(outer.app)(_scope(outer, request), _without_body(), collected.send)
    except Exception:
        if collected.status is None:
            raise
        # The application has logged and answered it (a 500): the other requests of the batch are not concerned.
    assert collected.status is not None
    if collected.is_too_large:
        detail = f"The answers of a batch have at most {budget.limit} bytes together. Send this request alone."
        return error_response(413, detail, request.headers.get("client-request-id"))
    return Answer(collected.status, collected.headers, bytes(collected.body))


class _Collected:
    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self.is_too_large = False
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            self._add(message.get("body", b""))

    def _add(self, body: bytes) -> None:
        self.is_too_large = self.is_too_large or not self._budget.acquire_now(len(body))
        if self.is_too_large:
            self._budget.release(len(self.body))
            self.body.clear()
        else:
            self.body += body


def _scope(outer: Request, request: BatchRequest) -> Scope:
    inherited = {name: outer.scope[name] for name in _OF_THE_CONNECTION if name in outer.scope}
    return inherited | {
        "method": request.method,
        "path": request.path,
        "query_string": request.query,
        "headers": list(_headers(outer, request)),
        "state": {},
    }


def _headers(outer: Request, request: BatchRequest) -> Iterator[tuple[bytes, bytes]]:
    """A request's own credentials do not count: the batch was let in with those of its own headers."""
    yield from ((name, value) for name, value in outer.scope["headers"] if name.lower() in _INHERITED)
    yield from ((name.encode("ascii"), value.encode("ascii")) for name, value in request.headers.items())


def _without_body() -> Any:
    """Nothing below /v1.0 reads a body; who waits for the end of the connection waits until the answer is there."""
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive
