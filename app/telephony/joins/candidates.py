"""Archived calls that may be those of a row which names no call. Reads only."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.call_logs.masked import Digits
from app.archive.parse.identities import identifiers
from app.archive.schema.microseconds import microseconds, moment
from app.archive.schema.tables import call_people, call_records, people
from app.telephony.joins.heuristic import AROUND, Candidate, Wanted

LONGEST_CALL = timedelta(hours=31)  # a meeting ends after 30: microsoftteams/limits-specifications-teams
MOST = 200  # calls of one user or number within that time that are compared; with more, none is the only one
SHORTEST_PREFIX = 6  # digits of a masked number by which calls are searched

c, i, p = call_records.c, call_people.c, people.c


def wanted(row: Any) -> Wanted | None:
    """Of a row of call_log_rows; None where it says too little to find a call."""
    numbers = [
        Digits(known, hidden or 0)
        for known, hidden in (
            (row.caller_digits, row.caller_hidden_digits),
            (row.callee_digits, row.callee_hidden_digits),
        )
        if known
    ]
    return Wanted(row.start_at, row.user_id, numbers) if row.start_at is not None and numbers else None


async def candidates(db: AsyncConnection, tenant_id: str, row: Wanted) -> list[Candidate]:
    """Calls of the tenant near the row's start in which its user took part, or one of its numbers."""
    latest = moment(row.start_at + AROUND)
    earliest = moment(row.start_at - AROUND) - LONGEST_CALL
    near = (i.at >= microseconds(earliest), i.at <= microseconds(latest))
    keys = (
        select(i.call_key)
        .join(people, p.key == i.person_key)
        .where(p.tenant_id == tenant_id, _party(row), *near)
        .distinct()
        .limit(MOST + 1)
    )
    calls = select(c.key, c.start_date_time, c.end_date_time).where(
        c.key.in_(keys.scalar_subquery()),
        c.start_date_time.is_not(None),
        c.start_date_time <= latest,
        or_(c.end_date_time.is_(None), c.end_date_time >= moment(row.start_at - AROUND)),
    )
    found = (await db.execute(calls)).all()
    took_part = await _people(db, [call.key for call in found])
    return [
        Candidate(
            call.key,
            microseconds(call.start_date_time),
            microseconds(call.end_date_time or call.start_date_time),
            took_part.get(call.key, set()),
        )
        for call in found
    ]


def _party(row: Wanted) -> ColumnElement[bool]:
    if row.user_id is not None:
        return p.person_id == row.user_id
    return or_(*(_is_number(digits) for digits in row.numbers))


def _is_number(digits: Digits) -> ColumnElement[bool]:
    """Also a masked one where the other is complete: both begin with the same digits."""
    normal = digits.known if digits.known.startswith("0") else f"+{digits.known}"
    complete = p.person_id.in_(sorted(identifiers.written_forms(normal)))
    prefix = normal if digits.hidden else normal[:-4]
    if len(prefix) <= SHORTEST_PREFIX:
        return complete
    return or_(complete, p.person_id.startswith(prefix, autoescape=True))


async def _people(db: AsyncConnection, call_keys: list[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = select(i.call_key, p.person_id).join(people, p.key == i.person_key).where(i.call_key.in_(call_keys))
    for call_key, person_id in await db.execute(rows) if call_keys else ():
        found.setdefault(call_key, set()).add(person_id)
    return found
