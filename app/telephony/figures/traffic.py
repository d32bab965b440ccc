"""How much traffic a trunk carries: Erlangs of the busiest hour, and what share of calls finds all channels occupied
(Erlang B). Pure; times are integers, in microseconds.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SECOND = 1_000_000
HOUR = 3600 * SECOND


class BusyHour(NamedTuple):
    """``start``: of the hour, in microseconds; ``erlangs``: the mean number of occupied channels in it."""

    start: int | None
    erlangs: float


NONE = BusyHour(None, 0.0)


class Occupancy:
    """Occupied microseconds of each hour."""

    def __init__(self) -> None:
        self._hours: dict[int, int] = defaultdict(int)

    def add(self, firsts: Sequence[int], lasts: Sequence[int]) -> None:
        """The intervals from ``firsts[n]`` to ``lasts[n]``."""
        hours = self._hours
        for first, last in zip(firsts, lasts, strict=True):
            hour = first // HOUR
            if last - hour * HOUR <= HOUR:
                hours[hour] += last - first if last > first else 0
            else:
                for each, part in _parts(first, last):
                    hours[each] += part

    def add_all_of(self, other: "Occupancy") -> None:
        for hour, occupied in other._hours.items():  # noqa: SLF001 -- of the same class
            self._hours[hour] += occupied

    def busy_hour(self) -> BusyHour:
        """The hour with the most traffic; the first of several."""
        if not self._hours:
            return NONE
        hour = min(self._hours, key=lambda each: (-self._hours[each], each))
        return BusyHour(hour * HOUR, self._hours[hour] / HOUR)


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
