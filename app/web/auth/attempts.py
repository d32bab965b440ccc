"""Failed attempts by address, in memory of bounded size."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic


class Attempts:
    """Whether an address has failed ``limit`` times in the last ``seconds``.

    Beyond ``addresses``, the address whose last failure is oldest is forgotten.
    """

    def __init__(
        self,
        limit: int = 10,
        seconds: float = 60.0,
        addresses: int = 10_000,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._addresses = addresses
        self._clock = clock
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def fail(self, address: str) -> None:
        """Count one failure of this address."""
        self._failed.setdefault(address, deque(maxlen=self._limit)).append(self._clock())
        self._failed.move_to_end(address)
        if len(self._failed) > self._addresses:
            self._failed.popitem(last=False)

    def forgive(self, address: str) -> None:
        """Take the newest failure back: it was counted before its result was known."""
        if times := self._failed.get(address):
            times.pop()

    def is_over(self, address: str) -> bool:
        times = self._failed.get(address, deque())
        return len(times) == self._limit and self._clock() - times[0] < self._seconds
