"""Log lines that anonymous callers or a lasting outage cause: at most one a minute for each cause, with the number."""

from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Any

EVERY = 60.0  # seconds


class RareLog:
    """``rare.note("malformed")`` calls ``write(reason, times)`` at once, and then at most every ``EVERY`` seconds."""

    def __init__(self, write: Callable[[str, int], Any], clock: Callable[[], float] = monotonic) -> None:
        self._write = write
        self._clock = clock
        self._since: Counter[str] = Counter()
        self._written: dict[str, float] = {}

    def note(self, reason: str) -> None:
        self._since[reason] += 1
        now = self._clock()
        if now - self._written.get(reason, -EVERY) >= EVERY:
            self._written[reason] = now
            self._write(reason, self._since.pop(reason))
