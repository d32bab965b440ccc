"""Missed inbound calls to which no call back was made within 24 hours. Pure; times are in microseconds."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.telephony.figures.traffic import HOUR

WITHIN = 24 * HOUR

Times = Mapping[str, Sequence[int]]
"""When calls with a number began, sorted."""


class Unreturned(NamedTuple):
    """The missed calls of one number that were not returned."""

    number: str
    at: int
    """When the last one began."""
    key: int
    """The key of its row."""
    times: int
    reached_later: bool
    """Whether a later call of the number was answered within 24 hours after the last one."""


def never_returned(
    missed: Iterable[tuple[str, int, int]], called_back: Times, answered: Times, now: int
) -> list[Unreturned]:
    """The last missed call first; ``missed`` has the number, time and row key of each call.

    A call whose 24 hours are not over can still be returned, and is not listed.
    """
    by_number: dict[str, list[tuple[int, int]]] = {}
    for number, at, key in missed:
        if at + WITHIN <= now and not _is_within(called_back.get(number, ()), at):
            by_number.setdefault(number, []).append((at, key))
    found = [_unreturned(number, calls, answered) for number, calls in by_number.items()]
    return sorted(found, key=lambda one: (-one.at, one.number))


def _unreturned(number: str, calls: list[tuple[int, int]], answered: Times) -> Unreturned:
    at, key = max(calls)
    return Unreturned(number, at, key, len(calls), _is_within(answered.get(number, ()), at))


def _is_within(times: Sequence[int], at: int) -> bool:
    """Whether one of the times is in the 24 hours after."""
    index = bisect_right(times, at)
    return index < len(times) and times[index] <= at + WITHIN
