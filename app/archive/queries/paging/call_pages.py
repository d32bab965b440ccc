"""From a question to the rows of one page: through time, or through the entries of those who are looked for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.queries import members, people_filter
from app.archive.queries.filters import Filters
from app.archive.queries.number_filter import is_number
from app.archive.queries.paging import position, value_hours
from app.archive.queries.paging.position import Order, Position
from app.archive.queries.paging.value_hours import ValueHours
from app.archive.schema.tables import call_records

CHUNK = 200  # calls in one go, where their keys are known

Rows = Sequence[RowMapping]

c = call_records.c


async def rows(
    db: AsyncConnection, wanted: Select[Any], filters: Filters, order: Order, after: Position | None, limit: int
) -> Rows:
    """At most ``limit`` rows after that position; ``wanted`` selects from call_records, ordered_at and key included."""
    conditions = filters.conditions()
    if filters.department is not None:
        conditions.append(members.took_part(filters.department))
    questions = _questions(filters)
    rare = await value_hours.rarest(db, filters, order, after)
    if rare is not None and rare.is_complete:
        if not rare.hours():
            return []
        conditions.append(value_hours.conditions(rare.hours(), c.ordered_at))
        rare = None
    if not questions:
        return await _through_time(db, wanted.where(*conditions), filters, rare, order, after, limit)
    (who, only_organizer), *others = questions
    conditions += [people_filter.took_part(other, only_organizer=organizes) for other, organizes in others]
    people = await people_filter.few(db, who, filters)
    if people is not None:
        wanted = wanted.where(*conditions, *people_filter.in_range(filters, only_organizer=only_organizer))
        queries = [position.of_person(wanted, key, order, after).limit(limit) for key in people]
        return position.merged([await _all(db, query) for query in queries], _position, order, limit)
    calls = await people_filter.some(db, who, filters, order, after, only_organizer=only_organizer)
    if calls is not None:
        return await _known(db, wanted.where(*conditions), calls, order, limit)
    conditions.append(people_filter.took_part(who, only_organizer=only_organizer))
    return await _through_time(db, wanted.where(*conditions), filters, rare, order, after, limit)


def _questions(filters: Filters) -> list[tuple[ColumnElement[bool], bool]]:
    """Who is looked for, and whether as the organizer; the one that leaves the fewest calls first."""
    asked = (
        None if filters.organizer is None else (people_filter.matches(filters.organizer), True),
        None if filters.number is None else (is_number(filters.number), False),
        None if filters.participant is None else (people_filter.matches(filters.participant), False),
        None if filters.department is None else (members.is_in(filters.department), False),
    )
    return [one for one in asked if one is not None]


async def _through_time(
    db: AsyncConnection,
    wanted: Select[Any],
    filters: Filters,
    rare: ValueHours | None,
    order: Order,
    after: Position | None,
    limit: int,
) -> Rows:
    """The hours that have the rarest value, some after the others; all calls where there is none."""
    wanted = position.through_time(wanted, order, after)
    if rare is None:
        return await _all(db, wanted.limit(limit))
    found: list[RowMapping] = []
    async for hours in value_hours.chunks(db, filters, rare, order, after, limit):
        here = wanted.where(value_hours.conditions(hours, c.ordered_at))
        found += await _all(db, here.limit(limit - len(found)))
        if len(found) >= limit:
            break
    return found


async def _known(db: AsyncConnection, wanted: Select[Any], keys: list[int], order: Order, limit: int) -> Rows:
    """Of these calls, which are in order, the first that the conditions let through."""
    found: list[RowMapping] = []
    for start in range(0, len(keys), CHUNK):
        some = await _all(db, wanted.where(c.key.in_(keys[start : start + CHUNK])))
        found += sorted(some, key=_position, reverse=order == "-start")
        if len(found) >= limit:
            break
    return found[:limit]


def _position(row: RowMapping) -> Position:
    return Position(row["ordered_at"], row["key"])


async def _all(db: AsyncConnection, wanted: Select[Any]) -> Rows:
    found: Rows = (await db.execute(wanted)).mappings().all()
    return found
