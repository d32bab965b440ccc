"""Whether Graph takes sessions and participants in one request: not documented, so tried and remembered."""

from collections.abc import Callable
from time import monotonic

from app.graph.errors import GraphError, NotFound

SESSIONS = "$expand=sessions($expand=segments)"
COMBINED = f"{SESSIONS},participants_v2"

_TRY_AGAIN_AFTER = 3600.0
_UNSUPPORTED = frozenset({400, 501})


class Expand:
    """Remembers for an hour that the combined request was refused."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._combined_from = 0.0

    def is_combined(self) -> bool:
        return self._combined_from == 0.0 or self._clock() >= self._combined_from

    def is_refused(self) -> None:
        self._combined_from = self._clock() + _TRY_AGAIN_AFTER


def is_about_expanding(error: GraphError) -> bool:
    """Whether the record might be had with a simpler request; some national clouds lack participants_v2."""
    if isinstance(error, NotFound):
        return "participants_v2" in error.reason
    return error.status in _UNSUPPORTED
