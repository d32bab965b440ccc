"""The greatest number of calls at the same time. Pure; times are integers, in microseconds.

A sweep over starts and ends in order. An end comes before a start at the same time: calls that touch are not
simultaneous. Intervals without a length occupy nothing.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

_START = 1  # the lowest bit of an event: a start; without it, an end


class Peak(NamedTuple):
    """``at``: when it was reached first."""

    calls: int
    at: int | None


NONE = Peak(0, None)


def peak(firsts: Sequence[int], lasts: Sequence[int]) -> Peak:
    """Of the intervals from ``firsts[n]`` to ``lasts[n]``."""
    sweep = Sweep()
    sweep.add(firsts, lasts)
    return sweep.finished()


class Sweep:
    """One peak. Intervals may come in parts, for a bounded memory: after each part comes the time before which no later
    part has a start.
    """

    def __init__(self) -> None:
        self._events: list[int] = []
        self._running = 0
        self._carried = 0  # events that were there before the last part
        self._peak = NONE

    def add(self, firsts: Sequence[int], lasts: Sequence[int]) -> None:
        pairs = [(first, last) for first, last in zip(firsts, lasts, strict=True) if first < last]
        self._events += [2 * first + _START for first, _ in pairs]
        self._events += [2 * last for _, last in pairs]

    def add_events_of(self, other: "Sweep") -> None:
        """The intervals that were added to the other one since it advanced last."""
        self._events += other._events[other._carried :]  # noqa: SLF001 -- of the same class

    def advance(self, reached: int) -> None:
        """Count all events before this time; the ends after it remain."""
        self._events.sort()
        self._count(bisect_left(self._events, 2 * reached))
        self._carried = len(self._events)

    def finished(self) -> Peak:
        self._events.sort()
        self._count(len(self._events))
        return self._peak

    def _count(self, number: int) -> None:
        part = self._events[:number]
        del self._events[:number]
        running = list(accumulate([2 * (event & _START) - 1 for event in part], initial=self._running))
        self._running = running[-1]
        highest = max(running)
        if highest > self._peak.calls:
            self._peak = Peak(highest, part[running.index(highest) - 1] // 2)
