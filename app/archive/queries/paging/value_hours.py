"""The hours that have a call with the value that is filtered by, from the counts: few hours of years have a rare value,
and no hour has an unknown one. Only the calls of these hours are looked at.

The hours of changes that are not added to the counts yet are among them, so that no call is missed.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.queries.filters import Filters, of_tenants
from app.archive.queries.paging.position import Order, Position
from app.archive.schema.count_tables import count_changes, counted_values, hour_counts
from app.archive.schema.daily_tables import call_tallies
from app.archive.schema.derivation import DERIVATION
from app.archive.schema.dimensions import CALL_DIMENSIONS, DIMENSIONS, LONGEST
from app.archive.schema.periods import begin_of, hour_of
from app.archive.schema.tables import call_records, underived

FEW = 64  # hours that are one condition
MOST_CHANGES = 5000  # with more of them the hours are not used

LAST = timedelta(hours=1) - timedelta(microseconds=1)  # of an hour; there is none after the last one of 9999

counts, changes, calls = hour_counts.c, count_changes.c, call_records.c


@dataclass(frozen=True, slots=True)
class ValueHours:
    """Where the rarest of the values is, in the order of a page."""

    keys: Sequence[int]
    """The numbers of the value in the counts, one for each tenant."""
    found: Sequence[tuple[int, int]]
    """Hours, and how many calls have the value there: the first ones, FEW + 1 at most."""
    changed: frozenset[int]
    """The hours of changes."""

    @property
    def is_complete(self) -> bool:
        return len(self.found) <= FEW

    def hours(self) -> set[int]:
        """All, if it is complete."""
        return {hour for hour, _ in self.found} | self.changed


async def rarest(db: AsyncConnection, filters: Filters, order: Order, after: Position | None) -> ValueHours | None:
    """None where no value is filtered by, and while calls of an older program are not counted."""
    sought = _sought(filters)
    if filters.pstn is not None and await _is_upgrading(db):
        sought = [one for one in sought if one[0] != "pstn"]
    if not sought or await db.scalar(select(call_tallies.c.call_key).limit(1)) is not None:
        return None
    changed = await _changed(db)  # first: what is added to the counts meanwhile is found there
    if changed is None:
        return None
    found = []
    for dimension, value in sought:
        keys = await _keys(db, filters, dimension, value)
        first = _hours(filters, keys, order, after).limit(FEW + 1)
        found.append(ValueHours(keys, [(hour, int(number)) for hour, number in await db.execute(first)], changed))
    return min(found, key=lambda one: _reach(one, order))


def conditions(hours: Iterable[int], moment: ColumnElement[object]) -> ColumnElement[bool]:
    """The moment lies in one of these hours."""
    ranges = [(moment >= begin_of(first)) & (moment <= begin_of(end - 1) + LAST) for first, end in merged(hours)]
    return or_(false(), *ranges)


async def chunks(
    db: AsyncConnection, filters: Filters, rare: ValueHours, order: Order, after: Position | None, calls: int
) -> AsyncIterator[list[int]]:
    """All hours in order: the first chunk has as many calls with the value as are wanted, the next twice as many."""
    sign = 1 if order == "start" else -1
    waiting = sorted((hour for hour in rare.changed if _is_after(hour, order, after)), key=lambda hour: sign * hour)
    chunk: list[int] = []
    had, last = 0, None
    while True:
        more = _hours(filters, rare.keys, order, after, last).limit(FEW)
        found = [(hour, int(number)) for hour, number in await db.execute(more)]
        for hour, number in found:
            while waiting and sign * waiting[0] <= sign * hour:
                chunk.append(waiting.pop(0))
            chunk.append(hour)
            had += number
            if had >= calls or len(chunk) >= FEW:
                yield chunk
                chunk, had, calls = [], 0, 2 * calls
        if len(found) < FEW:
            yield chunk + waiting
            return
        last = found[-1][0]


def merged(hours: Iterable[int]) -> list[tuple[int, int]]:
    """Ranges of consecutive hours, from the first to before the last. Pure."""
    ranges: list[tuple[int, int]] = []
    for hour in sorted(set(hours)):
        if ranges and ranges[-1][1] == hour:
            ranges[-1] = (ranges[-1][0], hour + 1)
        else:
            ranges.append((hour, hour + 1))
    return ranges


def _sought(filters: Filters) -> list[tuple[str, str]]:
    """Dimension and value. Calls without any value have no hours: they may be older than the dimension."""
    asked = [(name, getattr(filters, name, None)) for name in (*DIMENSIONS, *CALL_DIMENSIONS)]
    texts = [
        (name, ("true" if value else "false") if isinstance(value, bool) else value)
        for name, value in asked
        if value is not None
    ]
    return [(name, value[:LONGEST]) for name, value in texts if value]


async def _is_upgrading(db: AsyncConnection) -> bool:
    """Whether calls wait that an older program saved: they say whether a telephone took part, and are not counted by
    that.
    """
    older = or_(calls.derivation.is_(None), calls.derivation < DERIVATION)
    return await db.scalar(select(calls.key).where(underived, older).limit(1)) is not None


async def _changed(db: AsyncConnection) -> frozenset[int] | None:
    """None where there are too many."""
    some = select(changes.hour).limit(MOST_CHANGES + 1).subquery()
    rows = (await db.execute(select(some.c.hour, func.count()).group_by(some.c.hour))).all()
    return None if sum(count for _, count in rows) > MOST_CHANGES else frozenset(hour for hour, _ in rows)


async def _keys(db: AsyncConnection, filters: Filters, dimension: str, value: str) -> Sequence[int]:
    if "\0" in value:  # which no value has and PostgreSQL does not take
        return []
    of = counted_values.c
    wanted = select(of.key).where(of.dimension == dimension, of.value == value)
    return (await db.scalars(wanted.where(*of_tenants(filters.visible(), of.tenant_id)))).all()


def _hours(
    filters: Filters, keys: Sequence[int], order: Order, after: Position | None, last: int | None = None
) -> Select[Any]:
    """The hours of the value in the filters' range, after that position and that hour."""
    one = counts.value_key == keys[0] if len(keys) == 1 else counts.value_key.in_(keys)  # an equality gives the order
    wanted = select(counts.hour, func.sum(counts.calls)).where(one, counts.calls > 0)
    if filters.since is not None:
        wanted = wanted.where(counts.hour >= hour_of(filters.since))
    if filters.until is not None:
        wanted = wanted.where(counts.hour <= hour_of(filters.until))
    if after is not None:
        here = hour_of(after.ordered_at)
        wanted = wanted.where(counts.hour >= here if order == "start" else counts.hour <= here)
    if last is not None:
        wanted = wanted.where(counts.hour > last if order == "start" else counts.hour < last)
    return wanted.group_by(counts.hour).order_by(counts.hour if order == "start" else counts.hour.desc())


def _is_after(hour: int, order: Order, after: Position | None) -> bool:
    here = None if after is None else hour_of(after.ordered_at)
    return here is None or (hour >= here if order == "start" else hour <= here)


def _reach(one: ValueHours, order: Order) -> tuple[bool, int]:
    """The smallest is the rarest: with the fewest hours, or whose first hours go farthest."""
    if one.is_complete:
        return False, len(one.found)
    farthest = one.found[-1][0]
    return True, -farthest if order == "start" else farthest
