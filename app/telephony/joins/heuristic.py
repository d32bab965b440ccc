"""Whether an archived call may be that of a row which names no call. Pure.

Rows of Calling Plans and of audio conferencing have no id of the call: only number, user and time say which one it may
be. A join is stored with this method and never shown as a fact.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from app.archive.parse.call_logs import masked
from app.archive.parse.call_logs.masked import Digits

ID, HEURISTIC = "id", "heuristic"
AROUND = 60 * 1_000_000
"""Microseconds by which a call's interval is widened."""


class Wanted(NamedTuple):
    """What a row says of its call; times in microseconds since 1970."""

    start_at: int
    user_id: str | None
    numbers: Sequence[Digits]


class Candidate(NamedTuple):
    """An archived call: its interval, and the normal forms of the ids of all who took part."""

    call_key: int
    start_at: int
    end_at: int
    people: Collection[str]


def only(wanted: Wanted, candidates: Sequence[Candidate]) -> int | None:
    """The key of the one call that fits; None where none does, or several do."""
    fitting = {candidate.call_key for candidate in candidates if fits(wanted, candidate)}
    return fitting.pop() if len(fitting) == 1 else None


def fits(wanted: Wanted, candidate: Candidate) -> bool:
    is_then = candidate.start_at - AROUND <= wanted.start_at <= candidate.end_at + AROUND
    has_user = wanted.user_id is None or wanted.user_id in candidate.people
    return is_then and has_user and _has_number(wanted, candidate)


def _has_number(wanted: Wanted, candidate: Candidate) -> bool:
    there = [found for person in candidate.people if (found := masked.digits(person))]
    return any(_is_same(one, other) for one in wanted.numbers for other in there)


def _is_same(one: Digits, other: Digits) -> bool:
    """As far as both are known; a number that is completely masked says nothing."""
    shorter, longer = sorted((one, other), key=lambda digits: len(digits.known))
    is_as_long = len(one.known) + one.hidden == len(other.known) + other.hidden
    return bool(shorter.known) and is_as_long and longer.known.startswith(shorter.known)
