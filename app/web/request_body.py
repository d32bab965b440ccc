"""Reads request bodies within bounds: bytes and seconds of one body, bytes of all bodies of one kind together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from app.memory import ByteBudget
from app.web.problems import LATER, Problem

PIECE = 64 * 1024  # bytes; smaller chunks are joined at once, because each object needs memory of its own
SECONDS = 10.0  # for one body

_CLOSE = {"Connection": "close"}


class RequestBodies:
    """``async with bodies.read(request) as body:`` holds the body's bytes until the end of the block.

    Each kind of body has its own object, so that bodies of one kind cannot take the memory of another.
    """

    def __init__(self, name: str, *, largest: int, all_bytes: int, seconds: float = SECONDS) -> None:
        self.largest = largest
        self._name = name
        self._budget = ByteBudget(all_bytes)
        self._seconds = seconds

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytearray]:
        """Raises a Problem: 413 (too many bytes), 408 (too slow), 503 (too many bodies), 400 (the client is gone)."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self.largest:
            raise self._too_large()
        pieces = _Pieces()
        try:
            await self._fill(pieces, request)
            yield pieces.joined()
        finally:
            self._budget.release(pieces.size)

    async def _fill(self, pieces: "_Pieces", request: Request) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in request.stream():
                    if pieces.size + len(chunk) > self.largest:
                        raise self._too_large()
                    if not self._budget.acquire_now(len(chunk)):
                        raise bodies_full()
                    pieces.add(chunk)
        except TimeoutError:
            raise Problem(408, "The body was not complete in time. Send it again.", headers=_CLOSE) from None
        except ClientDisconnect:
            raise Problem(400, "The body is not complete.") from None

    def _too_large(self) -> Problem:
        return Problem(413, f"{self._name} has at most {self.largest} bytes.", headers=_CLOSE)


class _Pieces:
    """The bytes of one body. One growing buffer would need up to a third more memory, because it is reallocated."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes | bytearray] = []

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, bytearray) and len(last) + len(chunk) <= PIECE:
            last += chunk
        else:
            self._pieces.append(chunk if len(chunk) > PIECE else bytearray(chunk))

    def joined(self) -> bytearray:
        """Removes the pieces, so that the bytes are in memory once."""
        body = bytearray().join(self._pieces)
        self._pieces.clear()
        return body


def bodies_full() -> Problem:
    """The bodies of other requests take all the memory that bodies may take."""
    return Problem(503, "Too many requests are being received. Send it again.", headers=_CLOSE | LATER)


def notifications() -> RequestBodies:
    return RequestBodies("A batch of notifications", largest=4 * 1024 * 1024, all_bytes=64 * 1024 * 1024)


def graph_batches() -> RequestBodies:
    """20 requests with URLs of 8,000 characters, and their headers, are shorter."""
    return RequestBodies("A batch", largest=256 * 1024, all_bytes=16 * 1024 * 1024)


def lists() -> RequestBodies:
    """Uploaded lists of sites; a parsed list takes many times its bytes, so one large list is read at a time."""
    return RequestBodies("A list", largest=2 * 1024 * 1024, all_bytes=2 * 1024 * 1024, seconds=30.0)


def forms() -> RequestBodies:
    """Together as many as there may be connections: see `connections`."""
    return RequestBodies("A form", largest=16 * 1024, all_bytes=16 * 1024 * 1024)
