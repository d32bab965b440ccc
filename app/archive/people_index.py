"""The index of who was in which call, kept in step with the calls by whoever saves or removes them.

A person stands in these tables: ``call_records`` (the organizer_ columns), ``participants``, ``sessions`` and
``segments`` (the caller_ and callee_ columns, feedback included), ``documents`` (packed), and ``people``, which is
folded for the search. ``call_people`` has numbers only.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

import orjson
from sqlalchemy import ColumnElement, Select, and_, delete, not_, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive import rows
from app.archive.models import call_people, people
from app.archive.moments import microseconds
from app.archive.search import Person
from app.db import Database, JsonRows, upsert

CHUNK = 500

Insert = sqlite.Insert | postgresql.Insert


async def add(db: AsyncConnection, calls: Sequence[tuple[int, datetime, dict[Person, bool]]]) -> None:
    """Puts these calls (key, ordered_at, people), which must not be there, into the index."""
    keys = await _keys(db, {person for _, _, found in calls for person in found})
    index = (
        (keys[person], microseconds(ordered_at), call_key, is_organizer)
        for call_key, ordered_at, found in calls
        for person, is_organizer in found.items()
    )
    await rows.write(db, call_people, index)


async def take_out(db: AsyncConnection, call_keys: Sequence[int]) -> None:
    """Takes calls out of the index, to put them in again; their people stay."""
    if call_keys:
        await db.execute(delete(call_people).where(call_people.c.call_key.in_(call_keys)))


async def remove(db: AsyncConnection, call_keys: Sequence[int]) -> None:
    """Takes calls out of the index for good, and with them the people who are in no other call.

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


async def _keys(db: AsyncConnection, wanted: set[Person]) -> dict[Person, int]:
    """Everybody's key, new ones included; they stay where they are until the transaction ends."""
    known: dict[Person, int] = {}
    ordered = sorted(wanted)  # in one order everywhere, so that two batches never wait for each other
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        known |= await _known(db, some)
        if missing := [person for person in some if person not in known]:
            await db.execute(_adding(db.dialect.name), {"rows": _json(missing)})
            known |= await _known(db, missing)
    return known


async def _known(db: AsyncConnection, wanted: Sequence[Person]) -> dict[Person, int]:
    found = await db.execute(_finding(db.dialect.name), {"rows": _json(wanted)})
    return {wanted[place]: key for place, key in found}


def _json(wanted: Iterable[Person]) -> str:
    return orjson.dumps([[*person, place] for place, person in enumerate(wanted)]).decode()


@cache
def _finding(dialect: str) -> Select[int, int]:
    given = JsonRows(dialect)
    same = and_(*(people.c[name] == given.column(place, people.c[name].type) for place, name in _COLUMNS))
    wanted = select(given.column(len(_COLUMNS), people.c.key.type), people.c.key)
    found = wanted.select_from(given.table.join(people, same)).order_by(people.c.key)
    return found.with_for_update(of=people, read=True, key_share=True)  # PostgreSQL: nobody may remove them meanwhile


@cache
def _adding(dialect: str) -> Insert:
    given = JsonRows(dialect)
    values = select(*(given.column(place, people.c[name].type) for place, name in _COLUMNS)).where(true())
    return upsert(people, dialect).from_select([name for _, name in _COLUMNS], values).on_conflict_do_nothing()


_COLUMNS = tuple(enumerate(Person._fields))
