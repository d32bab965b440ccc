"""The numbers that stand for dimension, value and tenant in the counts of hours."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import Select, and_, delete, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.count_tables import counted_values, hour_counts
from app.db import JsonRows, upsert

if TYPE_CHECKING:  # PostgreSQL's costs a process that has SQLite 3 MB
    from sqlalchemy.dialects import postgresql, sqlite

Value = tuple[str, str, str]
"""dimension, value, tenant_id"""

CHUNK = 500

v = counted_values.c
_NAMES = ("dimension", "value", "tenant_id")


async def ensure(db: AsyncConnection, values: Collection[Value]) -> dict[Value, int]:
    """The number of each of these values, which are inserted where they are missing."""
    found: dict[Value, int] = {}
    ordered = sorted(values)  # in one order everywhere
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        known = await _keys(db, some)
        if missing := [value for value in some if value not in known]:
            await db.execute(_inserting(db.dialect.name), {"rows": orjson.dumps(missing).decode()})
            known |= await _keys(db, missing)
        found |= known
    return found


async def remove_unused(db: AsyncConnection, keys: Collection[int]) -> None:
    """Those of these numbers that no hour has any more: a value may be the name of a device."""
    used = select(1).where(hour_counts.c.value_key == v.key).exists()
    ordered = sorted(keys)
    for start in range(0, len(ordered), CHUNK):
        await db.execute(delete(counted_values).where(v.key.in_(ordered[start : start + CHUNK]), ~used))


async def _keys(db: AsyncConnection, values: Sequence[Value]) -> dict[Value, int]:
    rows = await db.execute(_selecting(db.dialect.name), {"rows": orjson.dumps(values).decode()})
    return {(dimension, value, tenant_id): key for dimension, value, tenant_id, key in rows}


@cache
def _selecting(dialect: str) -> Select[str, str, str, int]:
    given = JsonRows(dialect)
    same = and_(*(v[name] == given.column(place, v[name].type) for place, name in enumerate(_NAMES)))
    return select(v.dimension, v.value, v.tenant_id, v.key).select_from(given.table.join(counted_values, same))


@cache
def _inserting(dialect: str) -> "sqlite.Insert | postgresql.Insert":
    given = JsonRows(dialect)
    values = select(*(given.column(place, v[name].type) for place, name in enumerate(_NAMES))).where(true())
    return upsert(counted_values, dialect).from_select(list(_NAMES), values).on_conflict_do_nothing()
