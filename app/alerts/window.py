"""What a rule finds in windows of one hour, and what follows from three of them. Pure.

Records come 30 to 150 minutes after the end of their call, and change meanwhile. So a window is looked at three times,
60, 90 and 150 minutes after its end. Each of these may raise an alert; only the last one says that it is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Literal, NamedTuple

from app.alerts.rule import Rule, Severity
from app.archive.daily.confidence import wilson
from app.archive.schema.periods import hour_of

FIRST_PASS = timedelta(minutes=60)
LAST_PASS = timedelta(minutes=150)
LOOKED_AT = 3  # windows
BREACHES = 2  # of these raise an alert
CALM = 0.6  # of the threshold: below it a window counts as over
WEEKS = 4
WEEK = 7 * 24  # hours


class Counted(NamedTuple):
    """Of one value of a dimension in one hour; ``judged`` streams are good or poor."""

    streams: int = 0
    judged: int = 0
    poor: int = 0
    calls: int = 0

    @property
    def share(self) -> float:
        return self.poor / self.judged if self.judged else 0.0


NOTHING = Counted()


class Judged(NamedTuple):
    """``severity`` of a window that breaches; ``calm`` None: too little was counted to say."""

    severity: Severity | None
    calm: bool | None
    threshold: float


class Decision(NamedTuple):
    """What the windows say: ``fire``, ``resolve``, or ``keep`` what is."""

    action: Literal["fire", "resolve", "keep"]
    severity: Severity | None = None


def windows_at(now: datetime, age: timedelta) -> list[int]:
    """The three newest hours that ended so long ago, the newest first."""
    newest = hour_of(now - age) - 1
    return [newest - number for number in range(LOOKED_AT)]


def judge(rule: Rule, counted: Counted, usual: Sequence[Counted] = ()) -> Judged:
    """``usual``: the same hour of the weeks before."""
    if rule.kind == "unmapped_subnet":
        return _unmapped(rule, counted)
    threshold = rule.warning
    if rule.kind == "poor_share_against_usual":
        known = [each.share for each in usual if each.judged >= rule.min_streams]
        if not known:
            return Judged(None, None, threshold)
        threshold = max(threshold, rule.times * median(known))
    if counted.judged < rule.min_streams or counted.calls < rule.min_calls:
        return Judged(None, None, threshold)
    # Streams of one call share networks and devices: each call is one trial.
    certain = wilson(counted.share, counted.calls).low
    severity: Severity | None = "warning" if certain > threshold else None
    if rule.critical is not None and certain > rule.critical:
        severity = "critical"
    return Judged(severity, counted.share <= CALM * threshold, threshold)


def decide(raising: Sequence[Judged], final: Sequence[Judged], *, is_open: bool) -> Decision:
    """``raising``: the newest three windows of the first pass; ``final``: those of the last pass."""
    breaches: list[Severity] = [each.severity for each in raising if each.severity]
    if len(breaches) >= BREACHES:
        return Decision("fire", "critical" if breaches.count("critical") >= BREACHES else "warning")
    if is_open and not breaches and len(final) == LOOKED_AT and all(each.calm for each in final):
        return Decision("resolve")
    return Decision("keep")


def _unmapped(rule: Rule, counted: Counted) -> Judged:
    """A subnet that no list of sites has: every window with streams shows it."""
    if counted.streams >= rule.min_streams:
        return Judged("warning", calm=False, threshold=rule.min_streams)
    return Judged(None, counted.streams == 0, rule.min_streams)
