"""Which entries of the audit are repeated too soon: at most one a minute for each caller, in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

EVERY = 60.0  # seconds
CALLERS = 1_000  # the one whose last entry is oldest is forgotten


class RareEntries:
    """For callers who get no answer and cost a row each time: a valid token without a role."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last: OrderedDict[str, float] = OrderedDict()

    def is_due(self, name: str) -> bool:
        """Whether an entry of this caller is written now."""
        now = self._clock()
        if now - self._last.get(name, float("-inf")) < EVERY:
            return False
        self._last[name] = now
        self._last.move_to_end(name)
        if len(self._last) > CALLERS:
            self._last.popitem(last=False)
        return True
