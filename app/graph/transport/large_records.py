"""How many bytes of large answers one worker reads at a time.

A record is usually read in pages of less than a megabyte. One of 50 MB takes twice its size while it is parsed, so a
second one waits until the first is stored.
"""

from app.memory import ByteBudget

LIMIT = 16_000_000
"""Bytes of large answers in flight; a larger answer is read alone."""


class LargeRecords:
    """Grants bytes to scopes (``record:<id>``) in the order of their requests, until each scope is released."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._budget = ByteBudget(limit)
        self._granted: dict[str, int] = {}

    @property
    def in_flight(self) -> int:
        """Bytes that are granted; each request counts at most the limit."""
        return self._budget.in_use

    async def reserve(self, scope: str, size: int | None) -> None:
        """Return when the scope may read so many bytes; ``None`` is an unknown number, which is read alone.

        A scope that was granted bytes before does not wait: two that wait for each other would never end.
        """
        size = self._budget.limit if size is None else size
        if scope in self._granted:
            self._granted[scope] += self._budget.add(size)
        else:
            granted = await self._budget.acquire(size)
            self._granted[scope] = self._granted.get(scope, 0) + granted

    def release(self, scope: str) -> bool:
        """The record is stored or given up; whether it had reserved bytes."""
        granted = self._granted.pop(scope, None)
        if granted is None:
            return False
        self._budget.release(granted)
        return True
