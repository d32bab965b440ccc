"""How much traffic a trunk carries: Erlangs of the busiest hour, and what share of calls finds all channels occupied
(Erlang B). Pure; times are integers, in microseconds.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

SECOND = 1_000_000
HOUR = 3600 * SECOND


class BusyHour(NamedTuple):
    """``start``: of the hour, in microseconds; ``erlangs``: the mean number of occupied channels in it."""

    start: int | None
    erlangs: float


NONE = BusyHour(None, 0.0)


class Occupancy:
    """Occupied microseconds of each group and hour."""

    def __init__(self) -> None:
        self._hours: dict[Hashable, dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, intervals: Iterable[tuple[Hashable, int, int]]) -> None:
        for group, first, last in intervals:
            hours = self._hours[group]
            hour = first // HOUR
            if last <= (hour + 1) * HOUR:
                hours[hour] += max(last - first, 0)
            else:
                for each, part in _parts(first, last):
                    hours[each] += part

    def busy_hour(self, group: Hashable) -> BusyHour:
        """The hour with the most traffic; the first of several."""
        hours = self._hours.get(group)
        if not hours:
            return NONE
        hour = min(hours, key=lambda each: (-hours[each], each))
        return BusyHour(hour * HOUR, hours[hour] / HOUR)


def busy_hour(intervals: Iterable[tuple[int, int]]) -> BusyHour:
    """Of one group of intervals ``(from, until)``."""
    occupancy = Occupancy()
    occupancy.add((None, first, last) for first, last in intervals)
    return occupancy.busy_hour(None)


def _parts(first: int, last: int) -> Iterator[tuple[int, int]]:
    """What an interval occupies of each hour."""
    while first < last:
        hour = first // HOUR
        end = min((hour + 1) * HOUR, last)
        yield hour, end - first
        first = end


def erlang_b(erlangs: float, channels: int) -> float:
    """The share of calls, 0 to 1, that find all channels occupied at this traffic."""
    blocked = 1.0
    for n in range(1, channels + 1):
        blocked = erlangs * blocked / (n + erlangs * blocked)
    return blocked


def channels_needed(erlangs: float, blocked: float) -> int:
    """The least number of channels at which at most this share of calls is blocked."""
    share, n = 1.0, 0
    while share > blocked:
        n += 1
        share = erlangs * share / (n + erlangs * share)
    return n
