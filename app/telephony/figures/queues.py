"""How the calls of a queue were answered: offered, abandoned, service level in both of its usual variants. Pure.

A caller who hung up in the first seconds is a *short* abandon and shown apart: no agent could have answered the call.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from app.telephony.figures.distribution import Spread, spread
from app.telephony.figures.results import percent

TARGET = 20.0  # seconds within which a call should be answered
SHORT = 5.0  # seconds; an abandon after at most this time is short
QUEUE_MINIMUM = 30  # offered calls below which an abandon rate is unreliable


class Ending(StrEnum):
    """How a call left the queue."""

    answered = "answered"
    abandoned = "abandoned"
    overflowed = "overflowed"
    timed_out = "timed_out"
    no_agent = "no_agent"
    other = "other"


class Offered(NamedTuple):
    """One call in the queue; ``waited``: seconds until its ending, None where it is not known."""

    ending: Ending
    waited: float | None


@dataclass(slots=True)
class Queue:
    """The calls of one queue."""

    target: float = TARGET
    short: float = SHORT
    endings: Counter[Ending] = field(default_factory=Counter)
    in_time: int = 0
    """Answered within the target."""
    short_abandons: int = 0
    waits: Counter[float] = field(default_factory=Counter)
    """Seconds until the answer, of answered calls."""

    def add(self, calls: Iterable[Offered]) -> None:
        for ending, waited in calls:
            self.add_alike(ending, waited, 1)

    def add_alike(self, ending: Ending, waited: float | None, number: int) -> None:
        """So many calls with the same ending and wait."""
        self.endings[ending] += number
        if waited is None:
            return
        if ending is Ending.answered:
            self.waits[waited] += number
            self.in_time += number * (waited <= self.target)
        elif ending is Ending.abandoned:
            self.short_abandons += number * (waited <= self.short)

    def add_all_of(self, other: "Queue") -> None:
        """Of a queue with the same target."""
        self.endings += other.endings
        self.waits += other.waits
        self.in_time += other.in_time
        self.short_abandons += other.short_abandons

    @property
    def offered(self) -> int:
        return self.endings.total()

    @property
    def answered(self) -> int:
        return self.endings[Ending.answered]

    @property
    def abandoned(self) -> int:
        """Short ones included."""
        return self.endings[Ending.abandoned]

    @property
    def is_enough(self) -> bool:
        return self.offered >= QUEUE_MINIMUM

    def abandon_rate(self) -> float | None:
        """Abandoned of 100 offered, short ones included."""
        return percent(self.abandoned, self.offered)

    def abandon_rate_without_short(self) -> float | None:
        """The same without short ones on both sides."""
        return percent(self.abandoned - self.short_abandons, self.offered - self.short_abandons)

    def service_level(self) -> float | None:
        """Answered in time of 100 answered or abandoned, without short abandons."""
        return percent(self.in_time, self.answered + self.abandoned - self.short_abandons)

    def grade_of_service(self) -> float | None:
        """Answered in time of 100 offered: all incoming calls, whatever became of them."""
        return percent(self.in_time, self.offered)

    def waiting(self) -> Spread:
        """Of the answered calls, in seconds."""
        return spread(self.waits)
