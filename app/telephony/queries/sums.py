"""The sums of log rows by trunk, user, department, destination or call type, which become figures.

The database groups. Only the times of calls come out of it, as one text for each group and month, because the most
calls at a time cannot be added up.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.call_log_types import DIRECT_ROUTING, PSTN
from app.archive.schema.directory_table import directory
from app.archive.schema.microseconds import microseconds
from app.telephony.figures.costs import FREE
from app.telephony.figures.groups import CANCELLED, Group, Rows
from app.telephony.figures.queues import SHORT
from app.telephony.figures.traffic import SECOND
from app.telephony.queries.log_filters import LogFilters

By = Literal["trunk", "user", "department", "destination", "call_type"]

r, d = call_log_rows.c, directory.c

PART = timedelta(days=31)  # of the times that are in memory at once
OVERLAP = timedelta(days=1)  # a channel may have been occupied before the row's own time

_BY: dict[str, ColumnElement[Any]] = {
    "trunk": r.trunk,
    "user": func.coalesce(r.user_id, r.user_address),
    "department": func.nullif(d.department, ""),
    "destination": r.destination_name,
    "call_type": r.call_type,
}
_KINDS = {"trunk": (DIRECT_ROUTING,), "destination": (PSTN,)}
_WITH_CODES = ("trunk", "call_type")
_WITH_DELAYS = ("trunk", "call_type")  # of the others few rows are of Direct Routing, or the delay says nothing
_IS_DIRECT = r.kind == literal(DIRECT_ROUTING, Text())


@dataclass(frozen=True, slots=True)
class Summed:
    """``groups`` by value; None: rows that have none."""

    groups: dict[str | None, Group]
    total: Group


async def summed(db: AsyncConnection, filters: LogFilters, by: By) -> Summed:
    """Of the rows in a range with both ends."""
    wanted = replace(filters, kinds=_KINDS.get(by, filters.kinds))
    found = Summed({}, Group())
    for value, kind, direction, successful, code, sub_code, number, talked, short in await db.execute(
        _attempts(wanted, by)
    ):
        direct = kind == DIRECT_ROUTING
        rows = Rows(number, float(talked or 0), direct, direction, successful, code, sub_code, short or 0)
        for group in _both(found, value):
            group.add_rows(rows)
    if PSTN in wanted.kinds:
        for value, currency, number, amount, free in await db.execute(_costs(wanted, by)):
            for group in _both(found, value):
                group.costs.add(currency, int(amount or 0), number, int(free or 0))
    if by in _WITH_DELAYS:
        for value, direction, tenths, number in await db.execute(_delays(wanted, by)):
            for group in _both(found, value):
                group.delays[direction][float(tenths) / 10] += number
    await _times(db, wanted, by, found)
    return found


async def _times(db: AsyncConnection, filters: LogFilters, by: By, found: Summed) -> None:
    total = found.total
    async for until, texts in _parts(db, filters, by):
        for value, firsts, lasts in texts:
            group, _ = _both(found, value)
            group.add_intervals(_integers(firsts), _integers(lasts))
            total.sweep.add_events_of(group.sweep)
        reached = microseconds(until - OVERLAP)
        for group in (*found.groups.values(), total):
            group.sweep.advance(reached)
    for group in found.groups.values():
        total.occupancy.add_all_of(group.occupancy)


async def _parts(db: AsyncConnection, filters: LogFilters, by: By) -> AsyncIterator[tuple[Any, Iterable[Any]]]:
    assert filters.since is not None
    assert filters.until is not None
    start = filters.since
    while start < filters.until:
        until = min(start + PART, filters.until)
        yield until, await db.execute(_intervals(replace(filters, since=start, until=until), by))
        start = until


def _integers(text: str) -> list[int]:
    return list(map(int, text.split(",")))


def _both(found: Summed, value: str | None) -> tuple[Group, Group]:
    group = found.groups.get(value)
    if group is None:
        group = found.groups[value] = Group()
    return group, found.total


def _attempts(filters: LogFilters, by: By) -> Select[Any]:
    answered = case((_IS_DIRECT, r.successful_call), else_=func.coalesce(r.duration, 0) > 0)
    talked = case((_IS_DIRECT, r.talk_seconds), else_=cast(r.duration, Float()))
    is_short = and_(r.final_sip_code == CANCELLED, r.occupied_until - r.occupied_from <= int(SHORT * SECOND))
    sub_code = r.call_end_sub_reason if by in _WITH_CODES else cast(null(), Integer())
    keys = (_BY[by], r.kind, r.direction, answered, r.final_sip_code, sub_code)
    named = [key.label(f"key_{number}") for number, key in enumerate(keys)]
    sums = func.count(), func.sum(talked), func.sum(case((is_short, 1), else_=0))
    return _of(filters, by, *named, *sums).group_by(*named)


def _costs(filters: LogFilters, by: By) -> Select[Any]:
    amount = func.coalesce(r.charge_millionths, 0) + func.coalesce(r.connection_charge_millionths, 0)
    is_free = case(((amount == 0) | (func.coalesce(r.license_capability, "") == FREE), 1), else_=0)
    value, currency = _BY[by].label("value"), r.currency.label("of_currency")
    wanted = _of(filters, by, value, currency, func.count(), func.sum(amount), func.sum(is_free))
    return wanted.where(r.kind == literal(PSTN, Text())).group_by(value, currency)


def _delays(filters: LogFilters, by: By) -> Select[Any]:
    """In tenths of a second."""
    value, direction = _BY[by].label("value"), r.direction.label("of_direction")
    tenths = ((r.start_at - r.invite_at) // (SECOND // 10)).label("tenths")
    wanted = _of(filters, by, value, direction, tenths, func.count()).where(
        _IS_DIRECT,
        r.successful_call,
        (r.direction == "outbound") | ((r.direction == "inbound") & r.is_voice_app.is_(False)),
        r.start_at >= r.invite_at,
    )
    return wanted.group_by(value, direction, tenths)


def _intervals(filters: LogFilters, by: By) -> Select[Any]:
    value = _BY[by].label("value")
    firsts, lasts = (func.aggregate_strings(cast(at, Text()), ",") for at in (r.occupied_from, r.occupied_until))
    wanted = _of(filters, by, value, firsts, lasts)
    return wanted.where(r.occupied_from.is_not(null()), r.occupied_until.is_not(null())).group_by(value)


def _of(filters: LogFilters, by: By, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(_tables(by)).where(*filters.conditions())


def _tables(by: By) -> FromClause:
    if by != "department":
        return call_log_rows
    then = and_(
        d.tenant_id == r.tenant_id,
        d.user_principal_name == r.user_address,
        d.valid_from <= r.ordered_at,
        r.ordered_at < d.valid_until,
    )
    return call_log_rows.outerjoin(directory, then)
