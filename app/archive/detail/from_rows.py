"""Detail of calls from their rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail.wanted import Rows, Wanted
from app.db import JsonRows


async def of_call(
    db: AsyncConnection, call_key: int, wanted: Sequence[Wanted], span: tuple[int, int] | None = None
) -> Rows:
    """Of one call; with ``span`` only of its sessions from one position to another, both included."""
    return {one.table.name: await _read(db, _of_call(one, call_key, span)) for one in wanted}


async def of_calls(db: AsyncConnection, keys: Collection[int], wanted: Sequence[Wanted]) -> Rows:
    return {one.table.name: await _read(db, _select(one).where(one.table.c.call_key.in_(keys))) for one in wanted}


async def of_sessions(db: AsyncConnection, places: Collection[tuple[int, int]], wanted: Sequence[Wanted]) -> Rows:
    """Of some sessions: (key of the call, position)."""
    given = {"rows": orjson.dumps(sorted(places)).decode()}
    return {one.table.name: await _read(db, _of_sessions(one, db.dialect.name), given) for one in wanted}


async def _read(db: AsyncConnection, wanted: Select[Any], given: Mapping[str, str] | None = None) -> list[Any]:
    return list(await db.execute(wanted, given))


def _of_call(one: Wanted, call_key: int, span: tuple[int, int] | None) -> Select[Any]:
    wanted = _select(one).where(one.table.c.call_key == call_key)
    return wanted if span is None else wanted.where(one.table.c.session_position.between(*span))


def _of_sessions(one: Wanted, dialect: str) -> Select[Any]:
    given = JsonRows(dialect)
    names = ("call_key", "session_position")
    here = and_(*(one.table.c[name] == given.column(place, BigInteger()) for place, name in enumerate(names)))
    return _select(one).select_from(given.table.join(one.table, here))


def _select(one: Wanted) -> Select[Any]:
    positions = list(one.table.primary_key)
    found = select(*positions, *(one.table.c[name] for name in one.columns)).order_by(*positions)
    return found if one.quality is None else found.where(one.table.c.quality == one.quality)
