"""The timeline of a call: a lane for each participant, with sessions and segments to scale. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.archive.parse.identities import identifiers
from app.archive.queries.call_outline import End, Session
from app.web.pages.shared import formatting

MIN_WIDTH = 0.3  # per cent of the timeline, so that a short segment is visible
MIN_PATTERN_WIDTH = 0.8  # so that the pattern of a poor or failed segment is visible
TICKS = 6
AWAY = 5  # seconds without a connection; clients move between servers in less
_STEPS = (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)  # seconds


class Bar(NamedTuple):
    """A segment (or a session without segments) in per cent of the period shown."""

    x: float
    width: float
    kind: str  # good, poor, unknown, failed
    title: str
    session: int


class Span(NamedTuple):
    """When the participant was connected by one session, and whether that ended with a failure."""

    start: datetime
    end: datetime
    failed: bool


class Gap(NamedTuple):
    """Between two connections of one participant."""

    seconds: float
    dropped: bool

    def __str__(self) -> str:
        return f"{'dropped' if self.dropped else 'left'}, back after {formatting.duration(self.seconds)}"


@dataclass(slots=True)
class Lane:
    """One participant, or an endpoint that is not in Graph's list of participants."""

    identity: dict[str, Any]
    bars: list[Bar] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    joined: datetime | None = None
    left: datetime | None = None
    poor: int = 0
    failed: bool = False
    platforms: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    @property
    def quality(self) -> str:
        """The worst quality of its sessions."""
        kinds = {bar.kind for bar in self.bars}
        return "poor" if self.poor or "poor" in kinds else "good" if "good" in kinds else "unknown"

    @property
    def has_problem(self) -> bool:
        """Whether it has a failure or a poor stream."""
        return self.failed or self.quality == "poor"

    def gaps(self) -> list[Gap]:
        """Times between connections in which no other one lasted: the participant was away."""
        found, last = [], None
        for span in sorted(self.spans):
            if last is not None and (away := (span.start - last.end).total_seconds()) >= AWAY:
                found.append(Gap(away, last.failed))
            last = span if last is None or span.end > last.end else last
        return found


class Period(NamedTuple):
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return max((self.end - self.start).total_seconds(), 1.0)

    def percent_at(self, moment: datetime) -> float:
        """The position of a moment in per cent; 0 or 100 outside of the period."""
        return min(max(100 * (moment - self.start).total_seconds() / self.seconds, 0.0), 100.0)


class Tick(NamedTuple):
    at: float
    text: str


def period(start: datetime | None, end: datetime | None, sessions: Iterable[Session]) -> Period | None:
    """From the first to the last known moment; None where no moment is known."""
    found = [each for one in sessions for each in (one.start, one.end) if each]
    found += [each for each in (start, end) if each]
    if not found:
        return None
    first, last = min(found), max(found)
    return Period(first, max(last, first + timedelta(seconds=1)))


def lanes(participants: Sequence[dict[str, Any]], sessions: Iterable[Session], shown: Period | None) -> list[Lane]:
    """Lanes with poor or failed sessions first, then in the order of joining; without bars where no moment is known."""
    found: dict[str, Lane] = {}
    for row in participants:
        identity = _identity(row)
        found.setdefault(_key(identity["id"]) or f"position {row['participant_position']}", Lane(identity))
    for session in sessions:
        for end in (session.caller, session.callee):
            if lane := _lane(found, end, session):
                _add(lane, end, session, shown)
    return sorted(found.values(), key=_order)


def ticks(shown: Period, since: int = 0) -> list[Tick]:
    """A few round offsets into the call; the period shown begins ``since`` seconds into the call."""
    step = next((step for step in _STEPS if shown.seconds / step <= TICKS), _STEPS[-1])
    first = -(-since // step) * step  # the first round offset in the period shown
    return [
        Tick(round(100 * (moment - since) / shown.seconds, 2), offset(moment))
        for moment in range(first, since + int(shown.seconds) + 1, step)
    ]


def offset(seconds: int) -> str:
    """Seconds into the call as text: 4:05, 1:04:05."""
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _identity(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: row[f"identity_{name}"] for name in ("kind", "id", "display_name", "user_principal_name")}
    return found | {"id": found["id"] or row["participant_id"]}


def _lane(found: dict[str, Lane], end: End, session: Session) -> Lane | None:
    """The lane of that endpoint; None for a media server."""
    key = _key(end.id)
    if key in found:
        return found[key]
    if end.type == "serviceEndpoint" or not (end.id or end.display_name or end.user_principal_name):
        return None
    named = {"kind": end.kind, "id": end.id, "display_name": end.display_name}
    key = key or _key(end.user_principal_name) or f"session {session.position}"
    return found.setdefault(key, Lane(named | {"user_principal_name": end.user_principal_name}))


def _key(an_id: str | None) -> str:
    """One key for each person, in whatever form Graph writes the id."""
    return identifiers.normal(an_id)


def _add(lane: Lane, end: End, session: Session, shown: Period | None) -> None:
    if session.position not in lane.sessions:
        lane.sessions.append(session.position)
        lane.bars += _bars(session, shown) if shown else []
        lane.poor += sum(session.poor.values())
    failed = bool(session.failure_stage or session.failure_reason) or any(p.failed for p in session.segments)
    if session.start and session.end:
        lane.spans.append(Span(session.start, session.end, failed))
    lane.failed |= failed
    if end.platform and end.platform not in lane.platforms:
        lane.platforms.append(end.platform)
    lane.joined = min(filter(None, (lane.joined, session.start)), default=None)
    lane.left = max(filter(None, (lane.left, session.end)), default=None)


def _bars(session: Session, shown: Period) -> list[Bar]:
    failed = bool(session.failure_stage or session.failure_reason)
    whole = [(session.start, session.end, session.quality, failed)]
    found = []
    for start, end, quality, is_failed in session.segments or whole:
        begin, stop = start or session.start or shown.start, end or session.end or shown.end
        if stop < shown.start or begin > shown.end:
            continue
        kind = "failed" if is_failed else quality if quality in {"good", "poor"} else "unknown"
        x = shown.percent_at(begin)
        width = max(shown.percent_at(stop) - x, MIN_WIDTH if kind == "good" else MIN_PATTERN_WIDTH)
        length = formatting.duration((stop - begin).total_seconds()) if stop >= begin else "unknown length"
        title = f"{kind}, {length}"
        found.append(Bar(round(min(x, 100 - width), 2), round(width, 2), kind or "unknown", title, session.position))
    return found


def _order(lane: Lane) -> tuple[bool, bool, float]:
    return lane.quality != "poor", not lane.failed, lane.joined.timestamp() if lane.joined else float("inf")
