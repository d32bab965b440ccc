"""Memory of the process: a budget of bytes, and giving free memory back to the system."""

import asyncio
import ctypes
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE_BLOCK = 512 * 1024  # bytes
_HEAPS = 2


class ByteBudget:
    """Grants bytes in the order of the requests; one that is larger than the limit counts as the limit, alone."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.in_use = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def waiting(self) -> int:
        """Requests that wait."""
        return len(self._waiting)

    async def acquire(self, size: int) -> int:
        """Return the bytes that are granted, as soon as they are; give them to ``release``."""
        size = min(size, self.limit)
        if not self._waiting and self._fits(size):
            self.in_use += size
            return size
        entry = (size, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        try:
            await entry[1]
        except asyncio.CancelledError:
            if entry[1].done() and not entry[1].cancelled():
                self.release(size)
            else:
                self._waiting.remove(entry)
                self._grant()
            raise
        return size

    def add(self, size: int) -> int:
        """The same without a wait, beyond the limit if need be: for a caller that already has the bytes."""
        size = min(size, self.limit)
        self.in_use += size
        return size

    def acquire_now(self, size: int) -> bool:
        """Whether the bytes are granted at once, all of them; without a wait."""
        if self._waiting or not self._fits(size):
            return False
        self.in_use += size
        return True

    def release(self, size: int) -> None:
        self.in_use -= size
        self._grant()

    def _fits(self, size: int) -> bool:
        return self.in_use + size <= self.limit

    def _grant(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            size, granted = self._waiting.popleft()
            self.in_use += size
            granted.set_result(None)


def set_up() -> None:
    """Have glibc take large blocks from the system one by one and return each when it is freed, and have few heaps.

    Once it has freed a block of 20 MB, it otherwise takes all blocks up to that size from the heaps of its threads,
    where a small object behind one keeps it from being returned. https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    if mallopt := _glibc("mallopt"):
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        mallopt(_M_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Return free memory of the heaps to the system."""
    if trim := _glibc("malloc_trim"):
        trim(0)


def _glibc(name: str) -> Callable[..., Any] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
