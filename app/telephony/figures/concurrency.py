"""The greatest number of calls at the same time. Pure; times are integers, in microseconds.

A sweep over starts and ends in order. An end comes before a start at the same time: calls that touch are not
simultaneous. Intervals without a length occupy nothing.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from itertools import accumulate
from typing import NamedTuple

_START = 1  # the lowest bit of an event: a start; without it, an end


class Peak(NamedTuple):
    """``at``: when it was reached first."""

    calls: int
    at: int | None


NONE = Peak(0, None)


def peak(intervals: Iterable[tuple[int, int]]) -> Peak:
    """Of one group of intervals ``(from, until)``."""
    sweep = Sweep()
    sweep.add((None, first, last) for first, last in intervals)
    return sweep.finished().get(None, NONE)


class Sweep:
    """Peaks of several groups. Intervals may come in parts, for a bounded memory: each part with the time up to which
    no later part has a start.
    """

    def __init__(self) -> None:
        self._events: dict[Hashable, list[int]] = defaultdict(list)
        self._running: dict[Hashable, int] = defaultdict(int)
        self._peaks: dict[Hashable, Peak] = {}

    def add(self, intervals: Iterable[tuple[Hashable, int, int]]) -> None:
        events = self._events
        for group, first, last in intervals:
            if first < last:
                of_group = events[group]
                of_group.append(2 * first + _START)
                of_group.append(2 * last)

    def advance(self, reached: int) -> None:
        """Count all events before this time; the ends after it remain."""
        for group, events in self._events.items():
            events.sort()
            self._count(group, events, _first_at(events, 2 * reached))

    def finished(self) -> dict[Hashable, Peak]:
        for group, events in self._events.items():
            events.sort()
            self._count(group, events, len(events))
        return self._peaks

    def _count(self, group: Hashable, events: list[int], number: int) -> None:
        if not number:
            return
        part = events[:number]
        del events[:number]
        running = list(accumulate([2 * (event & _START) - 1 for event in part], initial=self._running[group]))
        self._running[group] = running[-1]
        highest = max(running)
        if highest > self._peaks.get(group, NONE).calls:
            self._peaks[group] = Peak(highest, part[running.index(highest) - 1] // 2)


def _first_at(events: list[int], event: int) -> int:
    """The index of the first that is not before it."""
    low, high = 0, len(events)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if events[middle] < event else (low, middle)
    return low
