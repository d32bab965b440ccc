"""People by a part of their name, or by their address, number or id: who they are, and how many calls they had."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, desc, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.took_part import is_person
from app.archive.queries.filters import Filters, of_tenants
from app.archive.queries.people_filter import matches
from app.archive.schema.microseconds import moment
from app.archive.schema.tables import call_people, call_records, people

MOST = 1_000  # entries of the index that are looked at: a person has one for each name they had

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
    is_person: bool
    calls: int
    last_call: datetime
    last_poor_call: datetime | None


async def find(db: AsyncConnection, text: str, filters: Filters, limit: int) -> tuple[list[Found], bool]:
    """The people who had a call last, and whether there are more; of the filters the tenants count."""
    rows = await _entries(db, text, filters)
    found: dict[str, list[Any]] = {}
    for row in rows[:MOST]:
        found.setdefault(row.identity, []).append(row)
    newest = list(found.values())[:limit]
    keys = [row.key for entries in newest for row in entries]
    counts = await _counts(db, keys)
    poor = await _last_poor(db, keys)
    return [_found(entries, counts, poor) for entries in newest], len(found) > limit or len(rows) > MOST


async def _entries(db: AsyncConnection, text: str, filters: Filters) -> Sequence[Any]:
    """The matching entries with a call, by their last call, the newest first."""
    newest = select(i.at, i.kind).where(i.person_key == p.key).order_by(i.at.desc(), i.call_key.desc()).limit(1)
    last, kind = (newest.with_only_columns(column).scalar_subquery() for column in (i.at, i.kind))
    wanted = select(people, _identity, last.label("last"), kind.label("kind"))
    wanted = wanted.where(matches(text), *of_tenants(filters.visible(), p.tenant_id), last.is_not(None))
    return (await db.execute(wanted.order_by(desc("last"), p.key).limit(MOST + 1))).all()


async def _counts(db: AsyncConnection, keys: list[int]) -> dict[str, int]:
    """Calls by person: one in which two of the names were counts once."""
    wanted = select(_identity, func.count(i.call_key.distinct()).label("calls")).join(
        call_people, i.person_key == p.key
    )
    rows = await db.execute(wanted.where(p.key.in_(keys)).group_by(_identity))
    return {row.identity: row.calls for row in rows}


async def _last_poor(db: AsyncConnection, keys: list[int]) -> dict[int, int]:
    """When the last poor call of each entry began; nothing of those without one."""
    mine = select(i.at).join(call_records, c.key == i.call_key).where(i.person_key == p.key, c.quality == "poor")
    last = mine.order_by(i.at.desc()).limit(1).scalar_subquery()
    rows = await db.execute(select(p.key, last).where(p.key.in_(keys)))
    return {key: at for key, at in rows if at is not None}


def _found(entries: list[Any], counts: dict[str, int], poor: dict[int, int]) -> Found:
    """``entries`` are those of one person, the newest first."""
    kind = _first(row.kind for row in entries)
    last_poor = max((poor[row.key] for row in entries if row.key in poor), default=None)
    return Found(
        id=_first(row.identity_id or row.person_id for row in entries),
        kind=kind,
        name=_first(row.identity_display_name or row.name for row in entries),
        address=_first(row.identity_user_principal_name or row.user_principal_name for row in entries),
        is_person=is_person(kind),
        calls=counts[entries[0].identity],
        last_call=moment(entries[0].last),
        last_poor_call=None if last_poor is None else moment(last_poor),
    )


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
