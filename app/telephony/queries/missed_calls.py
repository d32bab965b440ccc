"""Inbound calls that were not answered, and which of their numbers were called back."""

from bisect import insort
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.call_log_types import DIRECT_ROUTING, PSTN
from app.archive.schema.microseconds import microseconds
from app.telephony.figures.unreturned import Unreturned, never_returned
from app.telephony.queries.log_filters import LogFilters

MOST = 20_000  # calls that are compared: the newest

r = call_log_rows.c

_ANSWERED = or_(
    and_(r.kind == literal(DIRECT_ROUTING, Text()), r.successful_call),
    and_(r.kind == literal(PSTN, Text()), r.duration > 0),
)


async def unreturned(db: AsyncConnection, filters: LogFilters, now: datetime) -> list[Unreturned]:
    """Of a range. A masked number is compared with the digits that are left and the number of those that are hidden."""
    assert filters.until is not None
    later = replace(filters, until=filters.until + timedelta(days=1))
    # Not "is not answered": a row that says nothing is no missed call.
    missed = or_(
        and_(r.kind == literal(DIRECT_ROUTING, Text()), r.successful_call.is_(False)),
        and_(r.kind == literal(PSTN, Text()), r.duration == 0),
    )
    calls = await _rows(db, filters, r.direction == "inbound", missed, end="caller")
    if not calls:
        return []
    back = await _rows(db, later, r.direction == "outbound", end="callee")
    again = await _rows(db, later, r.direction == "inbound", _ANSWERED, end="caller")
    return never_returned(calls, _times(back), _times(again), microseconds(now))


async def _rows(
    db: AsyncConnection, filters: LogFilters, *conditions: ColumnElement[bool], end: str
) -> list[tuple[str, int, int]]:
    wanted = _numbers(filters, end).where(*conditions).order_by(r.ordered_at.desc()).limit(MOST)
    return [(f"{digits}{'*' * (hidden or 0)}", at, key) for digits, hidden, at, key in await db.execute(wanted)]


def _numbers(filters: LogFilters, end: str) -> Select[Any]:
    digits, hidden = r[f"{end}_digits"], r[f"{end}_hidden_digits"]
    wanted = select(digits, func.coalesce(hidden, 0), r.ordered_at, r.key)
    return wanted.where(digits.is_not(None), *filters.conditions())


def _times(calls: list[tuple[str, int, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, at, _ in calls:
        insort(found[number], at)
    return found
