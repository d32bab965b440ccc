"""Spaces requests that Graph limits for the application over all its tenants, so that they stay within its rate."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

# Lists of subscriptions: Graph allows 25 in 20 seconds for an application in one tenant, and 40 for the application
# in all tenants. One a second leaves half of that to another process.
# https://learn.microsoft.com/graph/throttling-limits#subscription-service-limits
LISTS = 1.0


class Spacing:
    """Lets one caller through, and the next one ``seconds`` later; the clients of all tenants share one."""

    def __init__(
        self,
        seconds: float = LISTS,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")

    async def turn(self) -> None:
        """Return when the caller's request may be sent; in the order of the calls."""
        now = self._clock()
        at = max(now, self._next)
        self._next = at + self._seconds
        if at > now:
            await self._sleep(at - now)
