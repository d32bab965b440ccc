"""How fast one process may send requests to Graph, per tenant, and when it must wait.

Graph's limits: https://learn.microsoft.com/graph/throttling-limits (call records service limits).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from app.settings.units import Rate

# Graph counts 40 requests in 20 seconds for one record, and for the list. Two are left over and half a second
# added, because requests that left evenly can arrive bunched.
PER_RECORD = Rate(38, 20.5)
PER_LIST = Rate(38, 20.5)
# Of each function of the PSTN and Direct Routing logs Graph allows 50 requests in 60 seconds.
PER_LOG = Rate(48, 60.5)
_FEW = 10  # requests of one record that do not matter if it is fetched again at once
LOWEST = 0.125  # of the tenant's rate, after several 429 in a row
RECOVERY = 300.0  # seconds without a 429 after which the rate doubles again
DEFAULT_PAUSE = 10.0  # seconds, when Graph throttles and does not say how long


class Window:
    """At most ``rate.limit`` turns in any ``rate.seconds``."""

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._turns: deque[float] = deque(maxlen=rate.limit)

    def resize(self, rate: Rate) -> None:
        """Another rate; the turns that came still count."""
        self._rate = rate
        self._turns = deque(self._turns, maxlen=rate.limit)

    def wait(self) -> float:
        """Seconds until the next turn may come."""
        if len(self._turns) < self._rate.limit:
            return 0.0
        return max(0.0, self._turns[0] + self._rate.seconds - self._clock())

    def take(self) -> None:
        """A turn comes now."""
        self._turns.append(self._clock())

    @property
    def turns(self) -> int:
        return len(self._turns)

    @property
    def idle(self) -> bool:
        return not self._turns or self._turns[-1] + self._rate.seconds < self._clock()


class Pace:
    """The rate of one tenant's requests: `app.graph` asks for a turn before each one and reports throttling."""

    def __init__(
        self,
        rate: Rate,
        *,
        per_record: Rate = PER_RECORD,
        on_throttled: Callable[[float], None] = lambda _: None,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate, self._parts, self._factor = rate, 1, 1.0
        self._lowered_at = float("-inf")
        self._tenant = Window(rate, clock)
        self._list = Window(PER_LIST, clock)
        self._per_record = per_record
        self._records: dict[str, Window] = {}
        self._on_throttled = on_throttled
        self._clock = clock
        self._sleep = sleep
        self._throttled_until = 0.0

    async def turn(self, scope: str) -> None:
        """Return when the next request of ``scope`` ("", "list" or "record:<id>") may be sent."""
        self._recover()
        windows = [self._tenant, self._window(scope)] if scope else [self._tenant]
        # All are asked at once and a turn is counted when it comes: one booked ahead of a pause or of another
        # window's wait would come late, together with those behind it.
        while (wait := max(self.throttled_for, *(window.wait() for window in windows))) > 0:
            await self._sleep(wait)
        for window in windows:
            window.take()

    @property
    def rate(self) -> Rate:
        """The rate of this process: its part of the tenant's rate, lowered while Graph throttles."""
        return Rate(max(1, int(self._rate.limit * self._factor / self._parts)), self._rate.seconds)

    def share(self, parts: int) -> None:
        """So many processes, this one among them, divide the tenant's rate equally."""
        self._parts = max(1, parts)
        self._tenant.resize(self.rate)

    def throttle(self, seconds: float | None) -> None:
        """Graph throttled: send no request for this tenant during that many seconds, and then half as many as before,
        until there was no 429 for some minutes. Answers to requests that were sent before the first 429 lower nothing.
        """
        if not self.throttled_for:
            self._lower(max(LOWEST, self._factor / 2))
        self.pause(DEFAULT_PAUSE if seconds is None else seconds)

    def pause(self, seconds: float) -> None:
        """Send no request for this tenant during that many seconds."""
        until = self._clock() + seconds
        if until > self._throttled_until:
            self._throttled_until = until
            self._on_throttled(seconds)

    @property
    def throttled_for(self) -> float:
        """Seconds until the tenant may be asked again."""
        return max(0.0, self._throttled_until - self._clock())

    def forget(self, scope: str) -> None:
        """That record is done: remove its window, after a long record only once its turns no longer count."""
        window = self._records.get(scope)
        if window is not None and window.turns < _FEW:
            del self._records[scope]
        while self._records and next(iter(self._records.values())).idle:  # the oldest first
            del self._records[next(iter(self._records))]

    def _recover(self) -> None:
        if self._factor < 1.0 and self._clock() >= self._lowered_at + RECOVERY:
            self._lower(min(1.0, 2 * self._factor))

    def _lower(self, factor: float) -> None:
        self._factor, self._lowered_at = factor, self._clock()
        self._tenant.resize(self.rate)

    def _window(self, scope: str) -> Window:
        if scope == "list":
            return self._list
        if scope not in self._records:
            self._records[scope] = Window(self._per_record, self._clock)
        return self._records[scope]
