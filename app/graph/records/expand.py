"""In which requests Graph gives a record with its sessions and its participants: tried, and remembered.

The documentation shows one relation at a time; collectors report that a request for both answers 400, or 200 with
the first relation only. https://learn.microsoft.com/graph/api/callrecords-callrecord-get
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol, cast, get_args

from app.graph.errors import GraphError, NotFound

# together: both relations in one request. apart: two requests for the record, each with one relation. listed: the
# participants are a list of their own. sessions: there are no participants_v2.
Form = Literal["together", "apart", "listed", "sessions"]

SESSIONS = "$expand=sessions($expand=segments)"
PARTICIPANTS = "$expand=participants_v2"
TOGETHER = f"{SESSIONS},participants_v2"

TRY_AGAIN_AFTER = timedelta(hours=24)
_UNSUPPORTED = frozenset({400, 501})


class Memory(Protocol):
    """Where the form is stored between two processes; neither method raises."""

    async def load(self) -> tuple[str, datetime] | None:
        """What was stored last; None where nothing was, or where it cannot be read now."""

    async def store(self, form: Form, at: datetime) -> None:
        """Replaces what was stored before."""


class Expand:
    """The form of one tenant's cloud; `together` is tried again a day after it was refused."""

    def __init__(self, memory: Memory | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._memory = memory
        self._clock = clock
        self._form: Form = "together"
        self._at: datetime | None = None
        self._loaded = memory is None

    async def form(self) -> Form:
        """The form to begin with."""
        if not self._loaded and self._memory is not None:
            self._loaded = True
            stored = await self._memory.load()
            if stored and self._at is None and stored[0] in get_args(Form):
                self._form, self._at = cast("Form", stored[0]), stored[1]
        if self._at is not None and self._clock() - self._at >= TRY_AGAIN_AFTER:
            return "together"
        return self._form

    async def worked(self, form: Form) -> None:
        """A record came in this form, and in none before it."""
        if form == self._form and (form == "together" or not self._is_old()):
            return
        self._form, self._at = form, self._clock()
        if self._memory is not None:
            await self._memory.store(form, self._at)

    def _is_old(self) -> bool:
        return self._at is None or self._clock() - self._at >= TRY_AGAIN_AFTER


def is_about_expanding(error: BaseException | None) -> bool:
    """Whether a simpler request may give the record; some national clouds lack participants_v2."""
    if isinstance(error, NotFound):
        return "participants_v2" in error.reason
    return isinstance(error, GraphError) and error.status in _UNSUPPORTED
