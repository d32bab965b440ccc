"""What a person's poor streams have in common: with which devices, networks and programs they are poor more often than
without them. Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.archive.facets import NONE, Streams

ENOUGH = 5  # calls with a value, and as many without it: fewer say nothing


@dataclass(frozen=True, slots=True)
class Used:
    """One segment or media of a person: with what, and how its streams went."""

    call_key: int
    at: datetime
    values: Mapping[str, Collection[str]]
    """Dimension -> the values of the person's own end."""
    streams: Streams


@dataclass(slots=True)
class Use:
    """All that was done with one value."""

    value: str
    streams: Streams = NONE
    calls: set[int] = field(default_factory=set)  # keys
    last_seen: datetime | None = None

    @property
    def share(self) -> float | None:
        """Poor of the judged ones, 0 to 1; None where none was judged."""
        return _share(self.streams)


@dataclass(frozen=True, slots=True)
class Trait:
    """A value with which streams are poor more often than without."""

    dimension: str
    value: str
    calls: int
    with_it: Streams
    without_it: Streams

    @property
    def lift(self) -> float:
        """How much higher the share of poor streams is with it: 0.25 is 25 points."""
        return (_share(self.with_it) or 0.0) - (_share(self.without_it) or 0.0)


def uses(used: Sequence[Used]) -> dict[str, list[Use]]:
    """By dimension, the value of most calls first."""
    dimensions = sorted({dimension for one in used for dimension in one.values})
    return {dimension: _uses(dimension, used) for dimension in dimensions}


def common(used: Iterable[Used], *, enough: int = ENOUGH) -> list[Trait]:
    """The highest lift first; only values with ``enough`` calls of judged streams, and as many of others.

    A value is compared within its dimension: with what is known to have had another one.
    """
    judged = [one for one in used if one.streams.judged]
    found = [
        trait
        for dimension in sorted({dimension for one in judged for dimension in one.values})
        for trait in _compared(dimension, [one for one in judged if one.values.get(dimension)], enough)
    ]
    return sorted(found, key=lambda trait: (-trait.lift, -trait.calls, trait.dimension, trait.value))


def _uses(dimension: str, used: Iterable[Used]) -> list[Use]:
    found: dict[str, Use] = {}
    for one in used:
        for value in one.values.get(dimension, ()):
            use = found.setdefault(value, Use(value))
            use.streams = use.streams.plus(one.streams)
            use.calls.add(one.call_key)
            use.last_seen = max(use.last_seen or one.at, one.at)
    return sorted(found.values(), key=lambda use: (-len(use.calls), use.value))


def _compared(dimension: str, used: list[Used], enough: int) -> Iterable[Trait]:
    total = NONE
    for one in used:
        total = total.plus(one.streams)
    for use in _uses(dimension, used):
        without = Streams(*(every - own for every, own in zip(total, use.streams, strict=True)))
        trait = Trait(dimension, use.value, len(use.calls), use.streams, without)
        if trait.lift > 0 and trait.calls >= enough:
            others = {one.call_key for one in used if use.value not in one.values[dimension]}
            if len(others) >= enough:
                yield trait


def _share(streams: Streams) -> float | None:
    return streams.poor / streams.judged if streams.judged else None
