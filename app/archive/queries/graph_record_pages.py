"""Which calls a Graph filter finds, in their order: through time, or through the index of who was in which call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, exists, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.identifiers import normal, written_forms
from app.archive.schema.microseconds import microseconds, moment
from app.archive.schema.tables import call_people, call_records, participants, people
from app.db import UtcDateTime

Operator = Literal["ge", "gt", "le", "lt"]
Tenants = tuple[str, ...] | None
"""Those one may see; None is all of them."""

_COMPARE = {"ge": ge, "gt": gt, "le": le, "lt": lt}
_FEW = 32  # entries of one person, who may have had several names

c, i = call_records.c, call_people.c


@dataclass(frozen=True, slots=True)
class Sought:
    """Calls of these tenants, within all bounds, in which all these took part."""

    tenants: Tenants
    starts: tuple[tuple[Operator, datetime], ...] = ()
    participants: tuple[str, ...] = ()


class Place(NamedTuple):
    """Where a page ended."""

    ordered_at: datetime
    key: int


async def places(db: AsyncConnection, sought: Sought, after: Place | None, limit: int) -> list[Place]:
    """The next ones, newest first."""
    if known := await _people(db, sought):
        walks = [await _of_person(db, person, sought, after, limit) for person in known]
        return sorted({place for walk in walks for place in walk}, reverse=True)[:limit]
    wanted = select(c.ordered_at, c.key).where(*_conditions(sought))
    if after is not None:
        last = tuple_(literal(after.ordered_at, UtcDateTime()), literal(after.key))
        wanted = wanted.where(tuple_(c.ordered_at, c.key) < last)
    return [Place(*row) for row in await db.execute(wanted.order_by(c.ordered_at.desc(), c.key.desc()).limit(limit))]


async def count(db: AsyncConnection, sought: Sought) -> int:
    wanted = select(func.count()).select_from(call_records).where(*_conditions(sought))
    if known := await _people(db, sought):
        wanted = wanted.where(c.key.in_(select(i.call_key).where(i.person_key.in_(known))))
    return await db.scalar(wanted) or 0


def of(tenants: Tenants, column: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """One tenant is an equality, which an index that begins with it can order by."""
    if tenants is None:
        return []
    small = [tenant.lower() for tenant in tenants]
    return [column == small[0] if len(small) == 1 else column.in_(small)]


async def _people(db: AsyncConnection, sought: Sought) -> Sequence[int]:
    """The entries of the first participant in the index; none where all calls must be looked at.

    The index has a participant by the id of their identity. It is nearly always the participant's own; if it
    is another, no entry is found here, and the participants of each call are searched.
    """
    if not sought.participants:
        return []
    wanted = select(people.c.key).where(people.c.person_id.in_(sorted(written_forms(normal(sought.participants[0])))))
    found = (await db.scalars(wanted.where(*of(sought.tenants, people.c.tenant_id)).limit(_FEW + 1))).all()
    return found if len(found) <= _FEW else []


async def _of_person(db: AsyncConnection, person: int, sought: Sought, after: Place | None, limit: int) -> list[Place]:
    mine = select(i.at, i.call_key).join(call_records, c.key == i.call_key).where(i.person_key == person)
    mine = mine.where(*_conditions(sought), *(_COMPARE[how](i.at, microseconds(at)) for how, at in sought.starts))
    if after is not None:
        mine = mine.where(
            tuple_(i.at, i.call_key) < tuple_(literal(microseconds(after.ordered_at)), literal(after.key))
        )
    rows = await db.execute(mine.order_by(i.at.desc(), i.call_key.desc()).limit(limit))
    return [Place(moment(at), key) for at, key in rows]


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    yield from of(sought.tenants, c.tenant_id)
    if sought.starts:
        yield c.start_date_time.is_not(None)
    for how, at in sought.starts:  # what has a start is ordered by it, and that column has the index
        yield _COMPARE[how](c.ordered_at, at)
    yield from map(_took_part, sought.participants)


def _took_part(participant: str) -> ColumnElement[Any]:
    """Graph writes object ids in lower case; the caller may use upper case."""
    p = participants.c
    return exists().where(p.call_key == c.key, p.participant_id.in_({participant, participant.lower()}))
