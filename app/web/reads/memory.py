"""One memory budget of the process for documents while they are read."""

import asyncio

from app import memory
from app.memory import ByteBudget
from app.web.problems import LATER, Problem
from app.web.reads.limits import FREE_BYTES

_LARGE = 8_000_000  # bytes after which free memory is given back to the system


class Reservation:
    """The bytes of one request, until it is answered."""

    def __init__(self, budget: ByteBudget, seconds: float) -> None:
        self._budget = budget
        self._seconds = seconds
        self._granted = 0

    async def reserve(self, size: int) -> None:
        """Wait until the request may take so many bytes; a Problem (503) if that takes too long."""
        if size <= FREE_BYTES:
            return
        if self._granted:  # two requests that wait for each other would never end
            self._granted += self._budget.add(size)
            return
        try:
            async with asyncio.timeout(self._seconds):
                self._granted = await self._budget.acquire(size)
        except TimeoutError:
            detail = "Other requests are reading large calls, and there is no memory for one more; try again."
            raise Problem(503, detail, headers=LATER) from None

    def release(self) -> None:
        if self._granted:
            self._budget.release(self._granted)
        if self._granted > _LARGE:
            memory.give_back()
        self._granted = 0
