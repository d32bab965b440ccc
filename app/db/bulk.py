"""Inserts many rows at once, past SQLAlchemy's row-by-row work, which costs more than parsing the record."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.types import UtcDateTime

CHUNK = 500  # rows in one go: enough to make the way to the driver cheap, few enough to hold twice in memory

Binder = Callable[[Any], Any]
Row = tuple[Any, ...]
"""A value for each column, in the table's order."""


async def insert_rows(db: AsyncConnection, table: Table, rows: Iterable[Row]) -> None:
    """Inserts rows that have a value for each column, in the table's order."""
    statement = _statement(table, db.dialect)
    moments = _moments(table, db.dialect)
    bound = (_bound(row, moments) for row in rows)
    while chunk := list(islice(bound, CHUNK)):
        await db.exec_driver_sql(statement, chunk)


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
