"""Waits for a condition. What bounds a wait is the time since the last progress, so a busy machine fails no test."""

import inspect
from time import monotonic, sleep

import anyio

PATIENCE = 60.0  # seconds without any progress: something is broken
LIMIT = 10  # times PATIENCE in all, for a program that makes progress forever and never comes to the condition
LOOK = 0.02  # seconds between two looks


async def until(condition, *, progress=lambda: None, details=lambda: "", seconds=PATIENCE, limit=LIMIT):
    """Return the condition's value once it is true.

    ``progress`` returns any value that changes while the wait is worth it, for example a counter. A change of the
    condition's value and of the text that ``details`` returns (a log) is progress too. AssertionError with that text
    after ``seconds`` without progress, and after ``limit`` times as long in any case.
    """
    bound = _Bound(condition, seconds, limit)
    while not (found := await _value(condition)):
        if bound.is_reached():
            bound.prolong((repr(found), await _value(progress), details()), details)
        await anyio.sleep(LOOK)
    return found


def wait_until(condition, *, details=lambda: "", seconds=PATIENCE, look=0.1):
    """The same for a test that is no coroutine."""
    bound = _Bound(condition, seconds, LIMIT)
    while not (found := condition()):
        if bound.is_reached():
            bound.prolong((repr(found), details()), details)
        sleep(look)
    return found


async def _value(function):
    value = function()
    return await value if inspect.isawaitable(value) else value


class _Bound:
    """The end of a wait. It moves on as long as something has changed since it was last reached."""

    def __init__(self, condition, seconds, limit):
        self._condition, self._seconds = condition, seconds
        self._seen = object()  # equal to nothing
        self._end = monotonic()  # the first look is the first thing to compare with
        self._last = self._end + limit * seconds

    def is_reached(self):
        return monotonic() >= self._end

    def prolong(self, seen, details):
        stuck = seen == self._seen or monotonic() > self._last
        assert not stuck, f"no progress for {self._seconds} s: {_text(self._condition)} {details()}"
        self._seen, self._end = seen, monotonic() + self._seconds


def _text(condition):
    return inspect.getsource(condition).strip() if inspect.isfunction(condition) else condition
