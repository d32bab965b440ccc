"""Alert rules as data, with the default set. Pure.

The figures are those of docs/alerts.md. Teams' own alert rules use the same words: condition, threshold, window, scope.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["poor_share", "poor_share_against_usual", "unmapped_subnet"]
By = Literal["tenant", "site", "network", "subnet", "access_point"]
Severity = Literal["warning", "critical"]

KINDS: tuple[Kind, ...] = get_args(Kind)
DIMENSIONS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A share is from 0 to 1. ``critical`` None: the rule has one severity."""

    id: str
    kind: Kind
    by: By = "tenant"
    warning: float = 0.05
    critical: float | None = None
    times: float = 3.0
    """For ``poor_share_against_usual``: how many times the median of the same hour of the last four weeks."""
    min_streams: int = 30
    """Streams that are good or poor, in a window."""
    min_calls: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """No event is sent for these alerts: of a rule, of a value of its dimension, or both, in these hours (UTC)."""

    rule: str | None = None
    value: str | None = None
    days: frozenset[int] = frozenset(range(7))
    """0 is Monday."""
    begin: int = 0
    """Hours of the day; ``end`` is not included, and lies on the next day if it is not after ``begin``."""
    end: int = 24

    def applies(self, rule: str, value: str, weekday: int, hour: int) -> bool:
        if (self.rule or rule) != rule or (self.value or value) != value:
            return False
        if self.begin < self.end:
            return weekday in self.days and self.begin <= hour < self.end
        after_midnight = hour < self.end and (weekday - 1) % 7 in self.days
        return after_midnight or (hour >= self.begin and weekday in self.days)


@dataclass(frozen=True, slots=True)
class RuleSet:
    rules: tuple[Rule, ...] = ()
    mutes: tuple[Mute, ...] = ()
    most_an_hour: int = 20
    """Alerts that become events in one hour; the others are one digest."""


DEFAULTS = (
    Rule(id="tenant_usual", kind="poor_share_against_usual", by="tenant", warning=0.05, min_streams=100),
    Rule(id="site_audio", kind="poor_share", by="site", warning=0.05, critical=0.20),
    Rule(id="network_audio", kind="poor_share", by="network", warning=0.05, critical=0.20),
    Rule(id="subnet_audio", kind="poor_share", by="subnet", warning=0.05, critical=0.20),
    Rule(id="access_point_audio", kind="poor_share", by="access_point", warning=0.05, critical=0.20),
    Rule(id="unmapped_subnet", kind="unmapped_subnet", by="subnet", min_streams=10, min_calls=1),
)

PARENTS: dict[By, tuple[By, ...]] = {
    "tenant": (),
    "site": ("tenant",),
    "network": ("site", "tenant"),
    "subnet": ("network", "site", "tenant"),
    "access_point": ("site", "tenant"),
}
"""An alert of one of these explains those below it."""
