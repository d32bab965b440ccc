"""Why two calls are likely one chain. Graph links no records, so that each answer has a basis and a confidence.

A transfer, a queue or a restarted meeting makes a second record with an id of its own:
https://learn.microsoft.com/graph/api/resources/callrecords-callrecord
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Basis = Literal["restarted_meeting", "queue", "transfer", "people_added", "called_again", "same_person"]
Confidence = Literal["high", "medium", "low"]

MEETING = 3600  # seconds between the end of a meeting and its restart
CHAIN = 300  # seconds between two calls of one chain
AT_ONCE = 60  # seconds: a queue or a transfer connects the next call about so fast

REASONS: dict[Basis, str] = {
    "restarted_meeting": "The same join URL, at most an hour apart.",
    "queue": "The same telephone number, at most 5 minutes apart, and an auto attendant or a call queue took part.",
    "transfer": "The same telephone number with another person, at most 5 minutes apart.",
    "people_added": "The same people and others, in a call of another type that began before or when this one ended.",
    "called_again": "The same people, at most 5 minutes apart.",
    "same_person": "One person took part in both, and one call began while or just after the other took place.",
}


@dataclass(frozen=True, slots=True)
class Parties:
    """A call as the rules need it: times, people and numbers in their normal form."""

    type: str | None
    start: datetime | None
    end: datetime | None
    join_url_key: str | None
    people: frozenset[str]  # no numbers, no services
    numbers: frozenset[str]
    has_voice_app: bool


@dataclass(frozen=True, slots=True)
class Relation:
    basis: Basis
    confidence: Confidence
    gap_seconds: float
    """From the end of the earlier call to the start of the later one; negative if they overlap."""


def relation(one: Parties, other: Parties) -> Relation | None:
    """The strongest reason why both are one chain; None where nothing says so, or where a time is unknown."""
    gap = _gap(one, other)
    if gap is None:
        return None
    if one.join_url_key is not None and one.join_url_key == other.join_url_key:
        return Relation("restarted_meeting", "high", gap) if gap <= MEETING else None
    reason = _reason(one, other, gap) if gap <= CHAIN else None
    return Relation(*reason, gap) if reason else None


def _reason(one: Parties, other: Parties, gap: float) -> tuple[Basis, Confidence] | None:
    people, numbers = one.people & other.people, one.numbers & other.numbers
    # A number that one person has in both calls, with other numbers beside it, is the person's own.
    if numbers and not (people and one.numbers != other.numbers):
        return _by_number(one, other, gap)
    return _by_people(one, other, gap) if people else None


def _by_number(one: Parties, other: Parties, gap: float) -> tuple[Basis, Confidence]:
    if one.has_voice_app or other.has_voice_app:
        return "queue", "high" if gap <= AT_ONCE else "medium"
    if one.people == other.people:
        return "called_again", "medium"
    return "transfer", "medium" if gap <= AT_ONCE else "low"


def _by_people(one: Parties, other: Parties, gap: float) -> tuple[Basis, Confidence] | None:
    people = one.people & other.people
    if len(people) > 1 and one.people == other.people:
        return "called_again", "medium"
    if len(people) > 1 and one.type != other.type and people in (one.people, other.people) and gap <= AT_ONCE:
        return "people_added", "medium"
    return ("same_person", "low") if gap <= AT_ONCE else None


def _gap(one: Parties, other: Parties) -> float | None:
    if None in (one.start, other.start):
        return None
    first, second = sorted((one, other), key=lambda call: call.start)  # type: ignore[arg-type,return-value]
    end = first.end or first.start
    return (second.start - end).total_seconds()  # type: ignore[operator]
