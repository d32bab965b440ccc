"""Calls by who was in them: people first, then their calls, by the shortest way there is."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities import identifiers
from app.archive.parse.identities.person_keys import Asked, asked
from app.archive.queries.filters import Filters, of_tenants
from app.archive.queries.paging.position import Order, Position, entries_after
from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_people, call_records, people

FEW = 16  # people whose calls are walked one by one
SOME = 2000  # entries that are read and sorted here; where there are more, a walk through time soon meets one

p, i = people.c, call_people.c


def matches(text: str) -> ColumnElement[bool]:
    """Who that may be: an id, an address or a number, each complete; the prefix of numbers; else words of a name."""
    wanted = asked(text)
    if wanted.number_prefix:
        return p.person_id.startswith(wanted.number_prefix, autoescape=True)
    if wanted.is_id:
        return is_person(wanted)
    return or_(is_person(wanted), has_words(wanted.name))


def has_words(name: str) -> ColumnElement[bool]:
    """Names that contain each of these words, in any order: "Hopper, Grace" is "Grace Hopper"."""
    words = name.replace(",", " ").split() or [name]
    return and_(*(p.name.contains(word, autoescape=True) for word in words))


def is_person(wanted: Asked) -> ColumnElement[bool]:
    """Whether that is the id, the number or the address of an entry of the index."""
    # Entries of calls that are still to be derived have the id as Graph wrote it.
    by_id = p.person_id.in_(sorted(identifiers.written_forms(wanted.normal) - {""}))
    by_address = p.user_principal_name.in_(sorted({wanted.normal, wanted.name} - {""}))
    return by_id if wanted.is_id else or_(by_id, by_address)


async def few(db: AsyncConnection, who: ColumnElement[bool], filters: Filters) -> Sequence[int] | None:
    """The keys of those who match; None where they are more than a few."""
    wanted = select(p.key).where(who, *of_tenants(filters.visible(), p.tenant_id)).limit(FEW + 1)
    found = (await db.execute(wanted)).scalars().all()
    return found if len(found) <= FEW else None


async def some(
    db: AsyncConnection,
    who: ColumnElement[bool],
    filters: Filters,
    order: Order,
    after: Position | None,
    *,
    only_organizer: bool,
) -> list[int] | None:
    """The keys of all calls in the filters' range after that position, in order; None where they are too many."""
    # IN, because SQLite would begin a join with all entries there are.
    they = select(p.key).where(who, *of_tenants(filters.visible(), p.tenant_id))
    wanted = select(i.at, i.call_key).where(i.person_key.in_(they))
    wanted = wanted.where(*in_range(filters, only_organizer=only_organizer))
    if after is not None:
        wanted = wanted.where(entries_after(order, after))
    found = (await db.execute(wanted.limit(SOME + 1))).all()
    if len(found) > SOME:
        return None
    return [call_key for _, call_key in sorted({tuple(row) for row in found}, reverse=order == "-start")]


def took_part(who: ColumnElement[bool], *, only_organizer: bool) -> ColumnElement[bool]:
    """Whether anybody who matches was in a call, asked call by call (OFFSET keeps PostgreSQL from joining them all)."""
    here = and_(i.call_key == call_records.c.key, who, *([i.is_organizer] if only_organizer else []))
    return select(1).select_from(call_people).join(people, p.key == i.person_key).where(here).offset(0).exists()


def in_range(filters: Filters, *, only_organizer: bool) -> list[ColumnElement[bool]]:
    """The conditions that index entries can answer."""
    asked_for = (
        None if filters.since is None else i.at >= microseconds(filters.since),
        None if filters.until is None else i.at < microseconds(filters.until),
        i.is_organizer if only_organizer else None,
    )
    return [one for one in asked_for if one is not None]
