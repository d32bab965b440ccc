"""Which detail of a call is read: columns of the tables DETAIL; and what it is given back as."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Table

from app.archive.parse.row import Row
from app.archive.schema.tables import DETAIL, PARTIES, SESSIONS

Rows = dict[str, list[Row]]
"""Table name -> rows in the order of their positions: call_key, the positions, then the values that are wanted."""


class Wanted(NamedTuple):
    """Columns of one table; with ``quality`` only of the rows of that quality."""

    table: Table
    columns: tuple[str, ...]
    quality: str | None = None


def width(table: Table) -> int:
    """How many values at the beginning of a row are the call's key and the positions."""
    return len(table.primary_key)


@lru_cache(maxsize=16)
def every_column(table: Table) -> Wanted:
    return Wanted(table, tuple(str(column.name) for column in table.columns if not column.primary_key))


EVERYTHING: Sequence[Wanted] = tuple(map(every_column, DETAIL))
ALL_OF_PARTIES: Sequence[Wanted] = tuple(map(every_column, PARTIES))
ALL_OF_SESSIONS: Sequence[Wanted] = tuple(map(every_column, SESSIONS))


def place(table: Table, row: Row) -> tuple[Any, ...]:
    """The key of the call and the positions, by which rows are ordered."""
    return row[: width(table)]
