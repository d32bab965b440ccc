"""Each person of a call: the media at their ends, the failures of their sessions, and what they said about the call.

Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from app.archive.diagnosis.legs import End, Leg, Part, ends_of, legs_of


class Failure(NamedTuple):
    """A failureInfo of a session or segment in which the person was. Seconds are None where a time is unknown.

    ``after_seconds``: how long the person was connected before; ``back_after_seconds``: until they joined again.
    """

    session: int
    stage: str | None
    reason: str | None
    at: datetime | None
    after_seconds: float | None
    other: End
    back_after_seconds: float | None = None


@dataclass(slots=True)
class Person:
    """One person of the call. ``spans`` are the times of their segments, or of sessions without segments."""

    end: End
    legs: list[Leg] = field(default_factory=list)
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    ratings: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)


def persons(sessions: Iterable[Part]) -> dict[str, Person]:
    """By key, in the order in which they appear."""
    found: dict[str, Person] = {}
    listed = list(sessions)
    was_carried = any(_length(part) for session in listed for part in (session, *session["segments"]))
    for number, session in enumerate(listed):
        position = session.get("session_position", number)
        failed: dict[str, Failure] = {}
        for part in session["segments"] or [session]:
            ends = ends_of(session, part, position)
            for own in ends:
                _appeared(found, own, part, session)
            for leg in legs_of(ends, part, position) if part is not session else ():
                found[leg.own.key].legs.append(leg)
            if _failed(part) and not (was_carried and _length(part) == 0):
                failed |= _failures(ends, part, session, position)
        if _failed(session) and not failed and not (was_carried and _length(session) == 0):
            ends = ends_of(session, session, position)
            failed = _failures(ends, session, session, position)
            for own in ends:
                _appeared(found, own, session, session)
        for key, failure in failed.items():
            found[key].failures.append(failure)
    for person in found.values():
        person.failures = [_with_return(person, failure) for failure in person.failures]
    return found


def _appeared(found: dict[str, Person], own: End, part: Part, session: Part) -> None:
    if own.is_service:
        return
    person = found.setdefault(own.key, Person(own))
    if own.rating:
        person.ratings.add(own.rating)
    person.tokens |= {name for name, is_ticked in (own.tokens or {}).items() if is_ticked is True}
    start, end = _times(part, session)
    if start and end:
        person.spans.append((start, end))


def _failures(ends: tuple[End, End], part: Part, session: Part, position: int) -> dict[str, Failure]:
    """A call that was not set up failed for its caller, one that broke off for both. A session may have several."""
    caller, callee = ends
    people = [(own, other) for own, other in ((caller, callee), (callee, caller)) if not own.is_service]
    stage, reason = _said(part, session)
    if (stage or "").lower() == "callsetup":
        people = people[:1]
    _, end = _times(part, session)
    start = session["start_date_time"] or part["start_date_time"]
    after = (end - start).total_seconds() if start and end and end >= start else None
    return {own.key: Failure(position, stage, reason, end, after, other) for own, other in people}


def _said(part: Part, session: Part) -> tuple[str | None, str | None]:
    """Stage and reason; the reason of the session where the segment's is empty."""
    return part["failure_stage"] or session["failure_stage"], part["failure_reason"] or session["failure_reason"]


def _with_return(person: Person, failure: Failure) -> Failure:
    at = failure.at
    later = [start for start, _ in person.spans if at and start >= at]
    back = (min(later) - at).total_seconds() if later and at else None
    return failure._replace(back_after_seconds=back)


def _failed(part: Part) -> bool:
    return part["failure_stage"] is not None or part["failure_reason"] is not None


def _length(part: Part) -> float | None:
    """In seconds; None where it is unknown. An agent who only rang has a session of length zero."""
    start, end = part["start_date_time"], part["end_date_time"]
    return (end - start).total_seconds() if start and end and end >= start else None


def _times(part: Part, session: Part) -> tuple[Any, Any]:
    return part["start_date_time"] or session["start_date_time"], part["end_date_time"] or session["end_date_time"]
