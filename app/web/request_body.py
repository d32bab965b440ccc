"""Reads request bodies within bounds: bytes and seconds for one body, bytes for all bodies of the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request

LARGEST = 4 * 1024 * 1024  # bytes of one body
ALL = 64 * 1024 * 1024  # bytes of all bodies in memory
PIECE = 64 * 1024  # bytes; smaller chunks are joined at once, because each object needs memory of its own
SECONDS = 10.0  # for one body


class BodyTooLarge(Exception):
    """The body has more bytes than it may have: 413."""


class BodyTooSlow(Exception):
    """The body was not complete in time: 408."""


class BodiesFull(Exception):
    """The bodies of other requests fill the memory that bodies may take: 503."""


class RequestBodies:
    """``async with bodies.read(request) as body:`` holds the body's bytes until the end of the block."""

    def __init__(self, *, largest: int = LARGEST, all_bytes: int = ALL, seconds: float = SECONDS) -> None:
        self.largest = largest
        self._free = all_bytes
        self._seconds = seconds

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytearray]:
        """Raises BodyTooLarge, BodyTooSlow, BodiesFull, or starlette's ClientDisconnect."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self.largest:
            raise BodyTooLarge
        pieces = _Pieces()
        try:
            await self._fill(pieces, request)
            yield pieces.joined()
        finally:
            self._free += pieces.size

    async def _fill(self, pieces: "_Pieces", request: Request) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                async for chunk in request.stream():
                    if pieces.size + len(chunk) > self.largest:
                        raise BodyTooLarge
                    if len(chunk) > self._free:
                        raise BodiesFull
                    self._free -= len(chunk)
                    pieces.add(chunk)
        except TimeoutError:
            raise BodyTooSlow from None


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
