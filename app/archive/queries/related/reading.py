"""Finds the calls that may be one chain with a call, by its join URL and its people, and judges each of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities import identifiers
from app.archive.parse.identities.took_part import is_person, is_voice_app
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.related.rules import MEETING, Parties, Relation, relation
from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_people, call_records, people
from app.ids import CallId

MOST_PEOPLE = 40  # entries of a call's index; above, the same people say nothing, and only the join URL counts
MOST_CALLS = 200  # that are judged, the newest first
BEFORE = timedelta(hours=8)  # how long before this call another may have begun that ended just before it

c, i, p = call_records.c, call_people.c, people.c

_COUNTS = (c.participants_seen, c.participant_count)
_CALL = (c.key, c.type, c.start_date_time, c.end_date_time, c.join_url_key, c.tenant_id, *_COUNTS)


@dataclass(frozen=True, slots=True)
class Related:
    key: int
    summary: dict[str, Any]
    relation: Relation


async def related(db: AsyncConnection, call_id: CallId, filters: Filters) -> list[Related] | None:
    """The related calls that ``filters`` let through, oldest first; None where the archive has no such call."""
    key = await stored_calls.key_of(db, call_id, filters)
    return None if key is None else await related_to(db, key, filters)


async def related_to(
    db: AsyncConnection, call_key: int, filters: Filters, *, by_join_url: bool = True
) -> list[Related]:
    """The calls related to the one with this key, oldest first; those that only share its join URL can be left out."""
    this = (await db.execute(select(*_CALL).where(c.key == call_key))).mappings().one()
    if this["start_date_time"] is None:
        return []
    rows = await _candidates(db, this, filters, by_join_url=by_join_url)
    entries = await _entries(db, [this, *rows])
    mine = _parties(this, entries)
    found = {row["key"]: relation(mine, _parties(row, entries)) for row in rows}
    relations = {key: one for key, one in found.items() if one is not None}
    keyed = await stored_calls.keyed(db, list(relations))
    return sorted((Related(key, one, relations[key]) for key, one in keyed), key=lambda one: one.summary["start"])


async def _candidates(
    db: AsyncConnection, this: RowMapping, filters: Filters, *, by_join_url: bool
) -> list[RowMapping]:
    """Calls of the tenant with the same join URL, or with one of the same people, near this one."""
    since = this["start_date_time"] - BEFORE
    until = (this["end_date_time"] or this["start_date_time"]) + timedelta(seconds=MEETING)
    near = (c.tenant_id == this["tenant_id"], c.key != this["key"], c.ordered_at >= since, c.ordered_at <= until)
    same = [c.key.in_(await _calls_of_the_people(db, this, until))]
    if by_join_url and this["join_url_key"] is not None:
        same.append(c.join_url_key == this["join_url_key"])
    wanted = select(*_CALL).where(*near, *filters.limits(), or_(*same)).order_by(c.ordered_at.desc())
    return list((await db.execute(wanted.limit(MOST_CALLS))).mappings())


async def _calls_of_the_people(db: AsyncConnection, this: RowMapping, until: Any) -> list[int]:
    """Keys of calls near this one with one of its people; of none where it has many."""
    mine = select(p.person_id, i.person_key, i.kind)
    mine = mine.join(people, p.key == i.person_key).where(i.call_key == this["key"]).limit(MOST_PEOPLE + 1)
    entries = [row for row in await db.execute(mine) if is_person(row.kind)]
    if len(entries) > MOST_PEOPLE:
        return []
    ids = sorted({row.person_id for row in entries if row.person_id})
    same_id = select(p.key).where(p.person_id.in_(ids), p.tenant_id == this["tenant_id"])
    keys = [*(row.person_key for row in entries), *(await db.scalars(same_id))]
    between = (i.at >= microseconds(this["start_date_time"] - BEFORE), i.at <= microseconds(until))
    wanted = select(i.call_key).where(i.person_key.in_(sorted(set(keys))), *between)
    return list(await db.scalars(wanted.distinct().order_by(i.call_key.desc()).limit(MOST_CALLS)))


_Entry = tuple[str | None, str]
"""Kind, and the id, address or name that identifies it in its normal form."""


async def _entries(db: AsyncConnection, rows: list[RowMapping]) -> dict[int, list[_Entry]]:
    """The people of these calls; nothing of a call with many."""
    found: dict[int, list[_Entry]] = {row["key"]: [] for row in rows}
    small = [row["key"] for row in rows if (row["participants_seen"] or row["participant_count"]) <= MOST_PEOPLE]
    wanted = select(i.call_key, i.kind, p.person_id, p.user_principal_name, p.name)
    for row in await db.execute(wanted.join(people, p.key == i.person_key).where(i.call_key.in_(small))):
        found[row.call_key].append((row.kind, row.person_id or row.user_principal_name or row.name))
    return found


def _parties(row: RowMapping, entries: dict[int, list[_Entry]]) -> Parties:
    mine = entries[row["key"]]
    persons = [(kind, identity) for kind, identity in mine if is_person(kind)]
    return Parties(
        type=row["type"],
        start=row["start_date_time"],
        end=row["end_date_time"],
        join_url_key=row["join_url_key"],
        people=frozenset(identity for kind, identity in persons if not _is_number(kind, identity)),
        numbers=frozenset(one for kind, one in persons if _is_number(kind, one) and "*" not in one),  # not masked ones
        has_voice_app=any(is_voice_app(kind) for kind, _ in mine),
    )


def _is_number(kind: str | None, identity: str) -> bool:
    """Graph also writes a telephone number where the id of a user stands."""
    return kind == "phone" or identifiers.kind(identity) == "phone"
