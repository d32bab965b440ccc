"""How many streams a caller may have open."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class OpenStreams:
    """How many streams each caller has open in this process, at most ``most``."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, name: str) -> Iterator[bool]:
        """Whether this caller may open another one, which is open until the end of the block."""
        if self._open[name] >= self._most:
            yield False
            return
        self._open[name] += 1
        try:
            yield True
        finally:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]
