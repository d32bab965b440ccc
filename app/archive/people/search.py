"""People by a part of their name or address, or by their number or id: who they are, and how many calls they had."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, desc, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.person_keys import asked
from app.archive.parse.identities.took_part import is_person
from app.archive.queries import members, people_filter
from app.archive.queries.filters import Filters, of_tenants
from app.archive.schema.microseconds import moment
from app.archive.schema.tables import call_people, call_records, people

MOST = 1_000  # entries of the index that are looked at: a person has one for each name they had
BROAD = 3_000  # matching entries; where more match, those of the newest calls are looked at first
NEWEST = (100, 1_000)  # of these calls, as many as have enough people
MANY = 10_000  # people of these calls

p, i, c = people.c, call_people.c, call_records.c

# One for each person: those with an id may have had several names.
_identity = case(
    (p.person_id != "", p.person_id), (p.user_principal_name != "", p.user_principal_name), else_=p.name
).label("identity")


@dataclass(frozen=True, slots=True)
class Found:
    """One person, as the newest call has them."""

    id: str | None
    kind: str | None
    name: str | None
    address: str | None
    number: str | None
    department: str | None
    is_person: bool
    calls: int
    last_call: datetime
    last_poor_call: datetime | None


async def find(db: AsyncConnection, text: str, filters: Filters, limit: int, now: datetime) -> tuple[list[Found], bool]:
    """The people who had a call last, and whether there are more; of the filters the tenants count."""
    mine = [_matches(text), *of_tenants(filters.visible(), p.tenant_id)]
    rows = await _entries(db, mine)
    if rows is None:
        rows = await _entries_of_newest_calls(db, mine, filters, limit)
    found: dict[str, list[Any]] = {}
    for row in rows[:MOST]:
        found.setdefault(row.identity, []).append(row)
    newest = list(found.values())[:limit]
    counts = await _counts(db, newest)
    keys = [row.key for entries in newest for row in entries]
    poor, departments = await _last_poor(db, keys), await members.departments(db, keys, now)
    return [_found(entries, counts, poor, departments) for entries in newest], len(found) > limit or len(rows) > MOST


def _matches(text: str) -> ColumnElement[bool]:
    """An id; a number or its beginning; a part of an address; words of a name in any order."""
    wanted = asked(text)
    if wanted.number_prefix:
        return p.person_id.startswith(wanted.number_prefix, autoescape=True)
    exactly = people_filter.is_person(wanted)
    if wanted.is_id:
        begins = p.person_id.startswith(wanted.normal, autoescape=True)
        return or_(exactly, begins) if wanted.normal.startswith("+") else exactly
    in_address = p.user_principal_name.contains(wanted.name, autoescape=True)
    return or_(exactly, in_address, people_filter.has_words(wanted.name))


async def _entries(db: AsyncConnection, mine: list[ColumnElement[bool]]) -> Sequence[Any] | None:
    """The matching entries with a call, by their last call, the newest first; None where they are too many to sort."""
    some = select(p.key).where(*mine).limit(BROAD + 1).subquery()
    if (await db.scalar(select(func.count()).select_from(some)) or 0) > BROAD:
        return None
    return await _by_last_call(db, mine)


async def _entries_of_newest_calls(
    db: AsyncConnection, mine: list[ColumnElement[bool]], filters: Filters, limit: int
) -> Sequence[Any]:
    """The same of those who were in the newest calls; all other people had their last call earlier."""
    for count in NEWEST:
        calls = select(c.key).where(*of_tenants(filters.visible(), c.tenant_id))
        newest = (await db.execute(calls.order_by(c.ordered_at.desc(), c.key.desc()).limit(count))).scalars().all()
        # One statement for each step: together, a database might begin with all entries there are.
        theirs = select(i.person_key).where(i.call_key.in_(newest)).distinct().limit(MANY)
        keys = (await db.execute(theirs)).scalars().all()
        found = await _by_last_call(db, [p.key.in_(keys), *mine])
        if len({row.identity for row in found}) > limit:
            return found
    return await _by_last_call(db, mine)


async def _by_last_call(db: AsyncConnection, mine: list[ColumnElement[bool]]) -> Sequence[Any]:
    newest = select(i.at, i.kind).where(i.person_key == p.key).order_by(i.at.desc(), i.call_key.desc()).limit(1)
    last, kind = (newest.with_only_columns(column).scalar_subquery() for column in (i.at, i.kind))
    wanted = select(people, _identity, last.label("last"), kind.label("kind")).where(*mine, last.is_not(None))
    return (await db.execute(wanted.order_by(desc("last"), p.key).limit(MOST + 1))).all()


async def _counts(db: AsyncConnection, found: list[list[Any]]) -> dict[str, int]:
    """Calls by person: one in which two of the names were counts once."""
    one_name = [entries[0].key for entries in found if len(entries) == 1]
    several = [row.key for entries in found if len(entries) > 1 for row in entries]
    counts: dict[str, int] = {}
    for keys, count in ((one_name, func.count()), (several, func.count(i.call_key.distinct()))):
        if keys:
            wanted = select(_identity, count.label("calls")).join(call_people, i.person_key == p.key)
            rows = await db.execute(wanted.where(p.key.in_(keys)).group_by(_identity))
            counts |= {row.identity: row.calls for row in rows}
    return counts


async def _last_poor(db: AsyncConnection, keys: list[int]) -> dict[int, int]:
    """When the last poor call of each entry began; nothing of those without one."""
    mine = select(i.at).join(call_records, c.key == i.call_key).where(i.person_key == p.key, c.quality == "poor")
    last = mine.order_by(i.at.desc()).limit(1).scalar_subquery()
    rows = await db.execute(select(p.key, last).where(p.key.in_(keys)))
    return {key: at for key, at in rows if at is not None}


def _found(entries: list[Any], counts: dict[str, int], poor: dict[int, int], departments: dict[int, str]) -> Found:
    """``entries`` are those of one person, the newest first."""
    kind = _first(row.kind for row in entries)
    last_poor = max((poor[row.key] for row in entries if row.key in poor), default=None)
    return Found(
        id=_first(row.identity_id or row.person_id for row in entries),
        kind=kind,
        name=_first(row.identity_display_name or row.name for row in entries),
        address=_first(row.identity_user_principal_name or row.user_principal_name for row in entries),
        number=_first(row.identity_id or row.person_id for row in entries) if kind == "phone" else None,
        department=_first(departments.get(row.key) for row in entries),
        is_person=is_person(kind),
        calls=counts[entries[0].identity],
        last_call=moment(entries[0].last),
        last_poor_call=None if last_poor is None else moment(last_poor),
    )


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
