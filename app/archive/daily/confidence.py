"""How certain a share of poor streams is: Wilson's interval at 95 %. Pure.

Streams of one call are not independent: they share networks and devices. So each call is one trial.
https://www.itl.nist.gov/div898/handbook/prc/section2/prc241.htm
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from app.archive.daily.streams_per_day import Counts

FEW_CALLS = 5  # with fewer, a single person's network decides, and nothing is certain
Z = 1.96  # standard deviations on each side that contain 95 %

Verdict = Literal["worse", "better", "unclear"]


@dataclass(frozen=True, slots=True)
class Interval:
    """The true share is between these with 95 % confidence; both 0 to 1."""

    low: float
    high: float


UNKNOWN = Interval(0.0, 1.0)


def interval(counts: Counts) -> Interval:
    """Of the share of poor streams; without rated streams nothing is known."""
    return UNKNOWN if counts.share is None else wilson(counts.share, counts.calls)


def wilson(share: float, trials: int) -> Interval:
    if trials < 1:
        return UNKNOWN
    spread = Z * Z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def against(counts: Counts, share: float | None) -> Verdict:
    """Whether the share is certainly above or below another one, such as that of all calls."""
    if share is None or counts.share is None or counts.calls < FEW_CALLS:
        return "unclear"
    found = interval(counts)
    return "worse" if found.low > share else "better" if found.high < share else "unclear"


def change(now: Counts, before: Counts) -> Verdict:
    """Between two periods; unclear where their intervals overlap."""
    if now.share is None or before.share is None or min(now.calls, before.calls) < FEW_CALLS:
        return "unclear"
    one, other = interval(now), interval(before)
    return "worse" if one.low > other.high else "better" if one.high < other.low else "unclear"
