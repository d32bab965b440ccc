"""How long a transaction may take before its connection is given up as lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

LONGEST = 60.0  # seconds
CALM = 600.0  # seconds after which a limit that was raised is as before


class Patience:
    """A limit in seconds, None for none. After each transaction that reaches it, the limit doubles for ten minutes: a
    busy server is slow, and what it does not finish in time would be begun again and again.
    """

    def __init__(self, seconds: float | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._usual = self._now = seconds
        self._clock = clock
        self._raised_at = float("-inf")

    @property
    def seconds(self) -> float | None:
        return self._now if self._clock() < self._raised_at + CALM else self._usual

    @asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """TimeoutError where the block takes longer."""
        seconds = self.seconds
        try:
            async with asyncio.timeout(seconds) as limit:
                yield
        finally:
            if seconds is not None and limit.expired():
                self._now = max(self._now or 0.0, min(2 * seconds, LONGEST))
                self._raised_at = self._clock()
