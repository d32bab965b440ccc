"""Which calls a Graph filter finds, in their order: through time, or through the index of who was in which call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.identifiers import normal, written_forms
from app.archive.parse.identities.took_part import SeenIn
from app.archive.queries.filters import of_tenants
from app.archive.queries.paging.position import Position, merged, of_person, through_time
from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_people, call_records, participants, people
from app.ids import TenantId

Operator = Literal["ge", "gt", "le", "lt"]
Tenants = tuple[TenantId, ...] | None
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


async def positions(db: AsyncConnection, sought: Sought, after: Position | None, limit: int) -> list[Position]:
    """The next ones, newest first."""
    wanted = select(c.ordered_at, c.key).where(*_conditions(sought))
    known = await _people(db, sought)
    if not known:
        return await _all(db, through_time(wanted, "-start", after).limit(limit))
    wanted = wanted.where(*(_COMPARE[how](i.at, microseconds(at)) for how, at in sought.starts))
    queries = [of_person(wanted, person, "-start", after).limit(limit) for person in known]
    return merged([await _all(db, query) for query in queries], Position._make, "-start", limit)


async def count(db: AsyncConnection, sought: Sought) -> int:
    wanted = select(func.count()).select_from(call_records).where(*_conditions(sought))
    if known := await _people(db, sought):
        wanted = wanted.where(c.key.in_(select(i.call_key).where(i.person_key.in_(known))))
    return await db.scalar(wanted) or 0


async def _people(db: AsyncConnection, sought: Sought) -> Sequence[int]:
    """The entries of the first participant in the index; none where all calls must be looked at.

    The index has a participant by the id of their identity. It is nearly always the participant's own; if it
    is another, no entry is found here, and the participants of each call are searched.
    """
    if not sought.participants:
        return []
    wanted = select(people.c.key).where(people.c.person_id.in_(sorted(written_forms(normal(sought.participants[0])))))
    found = (await db.scalars(wanted.where(*of_tenants(sought.tenants, people.c.tenant_id)).limit(_FEW + 1))).all()
    return found if len(found) <= _FEW else []


async def _all(db: AsyncConnection, wanted: Select[Any]) -> list[Position]:
    return [Position(*row) for row in await db.execute(wanted)]


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    yield from of_tenants(sought.tenants, c.tenant_id)
    if sought.starts:
        yield c.start_date_time.is_not(None)
    for how, at in sought.starts:  # what has a start is ordered by it, and that column has the index
        yield _COMPARE[how](c.ordered_at, at)
    yield from map(_took_part, sought.participants)


def _took_part(participant: str) -> ColumnElement[Any]:
    """Graph writes object ids in lower case; the caller may use upper case.

    Of a call without detail rows the index of people says it, where a participant has the id of their identity.
    """
    p, ids = participants.c, {participant, participant.lower()}
    by_row = exists().where(p.call_key == c.key, p.participant_id.in_(ids))
    mine, who = call_people.alias(), people.alias()  # the query may be of an entry of the same index
    is_listed = or_(_seen_in(mine.c, SeenIn.PARTICIPANTS_V2), _is_of_the_older_shape(mine))
    is_mine = and_(mine.c.call_key == c.key, mine.c.person_key == who.c.key, who.c.identity_id.in_(ids))
    return or_(by_row, and_(not_(c.has_detail), exists().where(is_mine, is_listed)))


def _is_of_the_older_shape(entry: Any) -> ColumnElement[bool]:
    """Graph's older list of participants counts only in a record without the newer one."""
    others = call_people.alias()
    newer = exists().where(others.c.call_key == entry.c.call_key, _seen_in(others.c, SeenIn.PARTICIPANTS_V2))
    return and_(_seen_in(entry.c, SeenIn.PARTICIPANTS), not_(newer))


def _seen_in(entry: Any, place: SeenIn) -> ColumnElement[bool]:
    seen: ColumnElement[bool] = entry.seen_in.bitwise_and(int(place)) != 0
    return seen
