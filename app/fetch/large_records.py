"""How many bytes of large answers one worker reads at a time, and how their memory is given back.

A record is usually read in pages of less than a megabyte. One of 50 MB takes three times its size while it is parsed,
so a second one has to wait until the first is stored.
"""

import asyncio
import ctypes
import sys
from collections import deque

LIMIT = 16_000_000
"""Bytes of large answers in flight; a larger answer is read alone."""


class LargeRecords:
    """Grants bytes to scopes (``record:<id>``) in the order of their requests, until each scope is released."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._granted: dict[str, int] = {}
        self._waiting: deque[tuple[str, int, asyncio.Future[None]]] = deque()

    @property
    def in_flight(self) -> int:
        """Bytes that are granted; each request counts at most the limit."""
        return sum(self._granted.values())

    async def reserve(self, scope: str, size: int | None) -> None:
        """Return when the scope may read so many bytes; ``None`` is an unknown number, which is read alone.

        A scope that was granted bytes before is not made to wait: two that wait for each other would never end.
        """
        size = self._limit if size is None else min(size, self._limit)
        if scope in self._granted or (not self._waiting and self._fits(size)):
            self._grant(scope, size)
            return
        granted = asyncio.get_running_loop().create_future()
        entry = (scope, size, granted)
        self._waiting.append(entry)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.release(scope)
            else:
                self._waiting.remove(entry)
                self._grant_next()
            raise

    def release(self, scope: str) -> bool:
        """The record is stored or given up; whether it had reserved bytes."""
        if self._granted.pop(scope, None) is None:
            return False
        self._grant_next()
        return True

    def _fits(self, size: int) -> bool:
        return self.in_flight + size <= self._limit

    def _grant(self, scope: str, size: int) -> None:
        self._granted[scope] = self._granted.get(scope, 0) + size

    def _grant_next(self) -> None:
        while self._waiting and self._fits(self._waiting[0][1]):
            scope, size, granted = self._waiting.popleft()
            self._grant(scope, size)
            granted.set_result(None)


def give_memory_back() -> None:
    """Return free memory to the system: glibc does not, where a small object lies behind a large one."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
