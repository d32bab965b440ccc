"""Median and P90 of times that were counted by length. Pure."""

from collections.abc import Mapping
from typing import NamedTuple


class Spread(NamedTuple):
    """``median`` and ``p90`` of a number of values, in their unit; None where nothing was counted."""

    number: int
    median: float | None
    p90: float | None


def spread(counted: Mapping[float, int]) -> Spread:
    """Nearest rank: the smallest value that at least so many per cent of all do not exceed."""
    total = sum(counted.values())
    return Spread(total, _rank(counted, total, 50), _rank(counted, total, 90))


def _rank(counted: Mapping[float, int], total: int, per_cent: int) -> float | None:
    wanted = -(-total * per_cent // 100)  # rounded up
    seen = 0
    for value in sorted(counted):
        seen += counted[value]
        if counted[value] and seen >= wanted:
            return value
    return None
