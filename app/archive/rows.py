"""Writes and removes many rows at once, past SQLAlchemy's row-by-row work: that would cost more than flattening."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Dialect, Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.models import CHILDREN
from app.archive.read import Row
from app.db import UtcDateTime

CHUNK = 500  # rows in one go: enough to make the way to the driver cheap, few enough to hold twice in memory

Binder = Callable[[Any], Any]


async def write(db: AsyncConnection, table: Table, rows: Iterable[Row]) -> None:
    """Inserts rows that have a value for each column, in the table's order."""
    statement = _statement(table, db.dialect)
    moments = _moments(table, db.dialect)
    bound = (_bound(row, moments) for row in rows)
    while chunk := list(islice(bound, CHUNK)):
        await db.exec_driver_sql(statement, chunk)


async def remove_children(db: AsyncConnection, keys: Sequence[int]) -> None:
    """Removes all typed rows below these calls; their own rows and documents stay."""
    for table in CHILDREN if keys else ():
        await db.execute(delete(table).where(table.c.call_key.in_(keys)))


@lru_cache(maxsize=64)
def _statement(table: Table, dialect: Dialect) -> str:
    return str(insert(table).compile(dialect=dialect))


@lru_cache(maxsize=64)
def _moments(table: Table, dialect: Dialect) -> list[tuple[int, Binder]]:
    """Where a row has moments, and how the database's driver wants them."""
    binders = [
        (position, column.type.dialect_impl(dialect).bind_processor(dialect))
        for position, column in enumerate(table.columns)
        if isinstance(column.type, UtcDateTime)
    ]
    return [(position, lru_cache(maxsize=4096)(binder)) for position, binder in binders if binder is not None]


def _bound(row: Row, moments: list[tuple[int, Binder]]) -> Row:
    if not moments:
        return row
    values = list(row)
    for position, binder in moments:
        values[position] = binder(values[position])
    return tuple(values)
