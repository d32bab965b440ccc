"""What a person's poor streams have in common: with which devices, networks and programs they are poor more often than
without them. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from app.archive.parse.call_dimensions import Streams

NEVER = datetime.min.replace(tzinfo=UTC)
ENOUGH = 5  # calls with a value, and as many without it: fewer say nothing


Values = tuple[tuple[str, frozenset[str]], ...]
"""(dimension, the values of the person's own end), each dimension once"""


class Used(NamedTuple):
    """One segment or media of a person: with what, and how its streams went."""

    call_key: int
    at: datetime
    values: Values
    streams: Streams


@dataclass(slots=True)
class Use:
    """All that was done with one value."""

    value: str
    streams: int = 0
    judged: int = 0  # good or poor
    poor: int = 0
    calls: set[int] = field(default_factory=set)  # keys
    judged_calls: set[int] = field(default_factory=set)  # of those with a stream that was judged
    last_seen: datetime = NEVER

    @property
    def share(self) -> float | None:
        """Poor of the judged ones, 0 to 1; None where none was judged."""
        return self.poor / self.judged if self.judged else None

    def add(self, one: Used) -> None:
        streams, judged, poor = one.streams
        self.streams += streams
        self.judged += judged
        self.poor += poor
        self.calls.add(one.call_key)
        if judged:
            self.judged_calls.add(one.call_key)
        self.last_seen = max(self.last_seen, one.at)

    def join(self, other: "Use") -> None:
        """What was done with another value was done with this one, too."""
        self.streams += other.streams
        self.judged += other.judged
        self.poor += other.poor
        self.calls |= other.calls
        self.judged_calls |= other.judged_calls
        self.last_seen = max(self.last_seen, other.last_seen)


@dataclass(frozen=True, slots=True)
class Correlation:
    """A value with which streams are poor more often than without."""

    dimension: str
    value: str
    calls: int
    poor: int
    judged: int
    share: float
    share_without: float

    @property
    def lift(self) -> float:
        """How much higher the share of poor streams is with it: 0.25 is 25 points."""
        return self.share - self.share_without


@dataclass(slots=True)
class Comparison:
    """What a person used, by dimension the value of most calls first, and what the poor streams have in common."""

    uses: dict[str, list[Use]]
    common: list[Correlation]


def compared(used: Iterable[Used], *, enough: int = ENOUGH) -> Comparison:
    """Common is only what is in ``enough`` calls with judged streams, and not in as many; the highest lift first.

    A value is compared within its dimension: with streams that are known to have had another one.
    """
    found: defaultdict[str, dict[str, Use]] = defaultdict(dict)
    whole: dict[str, Use] = {}
    for known, use in _together(used).items():
        for dimension, values in known:
            if dimension not in whole:
                whole[dimension] = Use("")
            whole[dimension].join(use)
            uses = found[dimension]
            for value in values:
                if value not in uses:
                    uses[value] = Use(value)
                uses[value].join(use)
    common = [one for name, uses in found.items() for one in _common(name, uses.values(), whole[name], enough)]
    common.sort(key=lambda one: (-one.lift, -one.calls, one.dimension, one.value))
    ranked = {
        name: sorted(found[name].values(), key=lambda use: (-len(use.calls), use.value)) for name in sorted(found)
    }
    return Comparison(ranked, common)


def _together(used: Iterable[Used]) -> dict[Values, Use]:
    """All that was used with the same values at once: a person has a few devices and networks, and many calls."""
    found: dict[Values, Use] = {}
    for one in used:
        if one.values not in found:
            found[one.values] = Use("")
        found[one.values].add(one)
    return found


def _common(dimension: str, uses: Iterable[Use], whole: Use, enough: int) -> Iterator[Correlation]:
    for use in uses:
        with_it, without = len(use.judged_calls), len(whole.judged_calls) - len(use.judged_calls)
        others = whole.judged - use.judged
        if min(with_it, without) >= enough and others and use.share is not None:
            correlation = Correlation(
                dimension, use.value, with_it, use.poor, use.judged, use.share, (whole.poor - use.poor) / others
            )
            if correlation.lift > 0:
                yield correlation
