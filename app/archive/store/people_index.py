"""The index of who was in which call, updated by the code that saves or removes calls.

A person stands in these tables: ``call_records`` (the organizer_ columns), ``participants``, ``sessions`` and
``segments`` (the caller_ and callee_ columns, feedback included), ``documents`` (packed), and ``people``, in normal
forms for the search and as Graph wrote it. ``call_people`` has numbers and kinds only.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter, itemgetter

import orjson
from sqlalchemy import ColumnElement, Dialect, Insert, and_, bindparam, delete, not_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.person_keys import Person
from app.archive.parse.identities.took_part import Entry
from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_people, people
from app.db import Database, JsonRows, direct, upsert
from app.db.direct import Changing, Steps

CHUNK = 500
TRIES = 3

Calls = Sequence[tuple[int, datetime, Sequence[Entry]]]
"""key, ordered_at, and who took part"""


def adding(dialect: Dialect, calls: Calls) -> Steps[None]:
    """Puts these calls, which must not be there, into the index."""
    entries = [
        [*entry.person, microseconds(ordered_at), call_key, entry.is_organizer, kind, entry.seen_in, *written]
        for call_key, ordered_at, found in calls
        for entry in found
        for kind, *written in [entry.identity]
    ]
    entries.sort(key=_place)  # in one order everywhere, so that two batches never wait for each other
    put = direct.compiled(_putting(dialect.name), dialect)
    insert = direct.compiled(_adding(dialect.name), dialect)
    for start in range(0, len(entries), CHUNK):
        some = entries[start : start + CHUNK]
        rows = (orjson.dumps(some).decode(),)
        missing = len(some) - (yield Changing(put, rows))
        for _ in range(TRIES if missing else 0):  # a person is new, or was removed a moment ago
            yield Changing(insert, rows)
            missing -= yield Changing(put, rows)
            if not missing:
                break


async def describe(db: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Adds how Graph wrote these people to rows of programs that did not store it."""
    rows = [_described(entry) for entry in sorted(entries, key=attrgetter("person"))]
    if rows:
        mine = and_(*(people.c[name] == bindparam(f"of_{name}") for name in Person._fields))
        unknown = and_(*(people.c[name].is_(None) for name in _WRITTEN))
        await db.execute(update(people).where(mine, unknown), rows)


async def take_out(db: AsyncConnection, call_keys: Sequence[int]) -> None:
    """Takes calls out of the index, to put them in again; their people stay."""
    if call_keys:
        await db.execute(delete(call_people).where(call_people.c.call_key.in_(call_keys)))


async def remove(db: AsyncConnection, call_keys: Sequence[int]) -> None:
    """Removes calls from the index, and with them the people who are in no other call.

    To be called after the calls' own rows were deleted or locked: everybody locks calls first, people second.
    """
    for start in range(0, len(call_keys), CHUNK):
        these = call_people.c.call_key.in_(call_keys[start : start + CHUNK])
        found = (await db.execute(select(call_people.c.person_key).where(these).distinct())).scalars().all()
        await db.execute(delete(call_people).where(these))
        await _remove_idle(db, sorted(found))


async def remove_idle(database: Database) -> int:
    """Removes the people of no call, whom an earlier version of one had; how many that were."""
    removed, after = 0, -1
    while True:
        async with database.reading() as db:
            idle = select(people.c.key).where(people.c.key > after, not_(_in_a_call())).order_by(people.c.key)
            keys = list((await db.execute(idle.limit(CHUNK))).scalars())
        if not keys:
            return removed
        async with database.begin() as db:
            removed += await _remove_idle(db, keys)
        after = keys[-1]


async def _remove_idle(db: AsyncConnection, keys: list[int]) -> int:
    """Two statements: the second one sees what those had saved whom the first one waited for."""
    mine = people.c.key.in_(keys)
    await db.execute(select(people.c.key).where(mine).order_by(people.c.key).with_for_update())
    return (await db.execute(delete(people).where(mine, not_(_in_a_call())))).rowcount


def _in_a_call() -> ColumnElement[bool]:
    return select(1).where(call_people.c.person_key == people.c.key).exists()


@cache
def _putting(dialect: str) -> Insert:
    """The entries of those who are known; they stay where they are until the transaction ends."""
    given = JsonRows(dialect)
    same = and_(*(people.c[name] == given.column(place, people.c[name].type) for place, name in _PERSON))
    entry = [given.column(place, call_people.c[name].type) for place, name in _ENTRY]
    values = select(people.c.key, *entry).select_from(given.table.join(people, same)).where(true())
    values = values.order_by(people.c.key).with_for_update(of=people, read=True, key_share=True)
    names = ["person_key", *(name for _, name in _ENTRY)]
    return upsert(call_people, dialect).from_select(names, values).on_conflict_do_nothing()


@cache
def _adding(dialect: str) -> Insert:
    given = JsonRows(dialect)
    columns = (*_PERSON, *_AS_WRITTEN)
    values = select(*(given.column(place, people.c[name].type) for place, name in columns)).where(true())
    return upsert(people, dialect).from_select([name for _, name in columns], values).on_conflict_do_nothing()


def _described(entry: Entry) -> dict[str, str | None]:
    names = (*(f"of_{name}" for name in Person._fields), *_WRITTEN)
    return dict(zip(names, (*entry.person, *entry.identity[1:]), strict=True))


_WRITTEN = tuple(f"identity_{name}" for name in ("id", "display_name", "user_principal_name", "tenant_id"))

# Where the values are in each row that a statement is given.
_PERSON = tuple(enumerate(Person._fields))
_ENTRY = tuple(enumerate(("at", "call_key", "is_organizer", "kind", "seen_in"), len(_PERSON)))
_AS_WRITTEN = tuple(enumerate(_WRITTEN, len(_PERSON) + len(_ENTRY)))
_place = itemgetter(slice(len(_PERSON) + 3))  # the person, the moment and the call
