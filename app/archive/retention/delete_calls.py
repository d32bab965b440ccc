"""Deletes calls with everything they have: on PostgreSQL with one statement, on SQLite in one visit to its thread.

The people of these calls stay, and are removed at the end of a purge: to lock them for each transaction costs more than
all deletions, and makes workers wait that save calls of the same people.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Delete,
    Dialect,
    Select,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import changes
from app.archive.schema.count_tables import call_counts
from app.archive.schema.daily_tables import call_tallies
from app.archive.schema.tables import CHILDREN, call_people, call_records, documents
from app.db import JsonRows, direct
from app.db.direct import Changing, Selecting, Steps

BELOW = (*CHILDREN, documents, call_people, call_counts)
"""Tables with rows of calls, in the order in which they are deleted."""
NOT_REPORTED = {call_people.name, call_counts.name}


async def delete_calls(db: AsyncConnection, keys: Sequence[int]) -> Counter[str]:
    """How many rows by table. The calls must be locked by this transaction."""
    steps = _on_sqlite if db.dialect.name == "sqlite" else _on_postgresql
    found: Counter[str] = await direct.run(db, steps(db.dialect, keys))
    return found


def _on_sqlite(dialect: Dialect, keys: Sequence[int]) -> Steps[Counter[str]]:
    rows = {"rows": orjson.dumps([[key] for key in keys]).decode()}
    # First, because the upgrade moves such a row to call_counts.
    yield _changing(dialect, _of_given(call_tallies.name), rows)
    subtract = direct.compiled(changes.subtracting(dialect.name), dialect)
    yield Changing(subtract, direct.bound(subtract, rows))
    deleted: Counter[str] = Counter()
    for table in (call_records, *BELOW):
        count = yield _changing(dialect, _of_given(table.name), rows)
        if table.name not in NOT_REPORTED:
            deleted[table.name] = count
    return deleted


def _changing(dialect: Dialect, statement: Delete, rows: dict[str, str]) -> Changing:
    ready = direct.compiled(statement, dialect)
    return Changing(ready, direct.bound(ready, rows))


@cache
def _of_given(table_name: str) -> Delete:
    """A deletion of the rows of the calls that a JSON parameter names."""
    table = next(table for table in (call_records, call_tallies, *BELOW) if table.name == table_name)
    given = JsonRows("sqlite")
    keys = select(given.column(0, BigInteger())).select_from(given.table)
    return delete(table).where((table.c.key if table is call_records else table.c.call_key).in_(keys))


def _on_postgresql(dialect: Dialect, keys: Sequence[int]) -> Steps[Counter[str]]:
    # A statement of its own: what waits for the upgrade, which moves such a row, must see it in call_counts afterwards.
    moved = direct.compiled(_tallies(), dialect)
    yield Changing(moved, direct.bound(moved, {"keys": list(keys)}))
    everything = direct.compiled(_everything(), dialect)
    rows = orjson.dumps([[key] for key in keys]).decode()
    [counts] = yield Selecting(everything, direct.bound(everything, {"keys": list(keys), "rows": rows}))
    reported = (table.name for table in (call_records, *BELOW) if table.name not in NOT_REPORTED)
    return Counter(dict(zip(reported, counts, strict=True)))


@cache
def _tallies() -> Delete:
    return delete(call_tallies).where(call_tallies.c.call_key == any_(_keys()))


@cache
def _everything() -> Select[int]:
    """All parts see the rows as they were before: the changes are made of what is deleted beside them."""
    parts = []
    for table in (call_records, *BELOW):
        key = table.c.key if table is call_records else table.c.call_key
        part = delete(table).where(key == any_(_keys())).returning(literal_column("1")).cte(f"of_{table.name}")
        parts.append((table.name, part))
    subtracted = changes.subtracting("postgresql").returning(literal_column("1")).cte("subtracted")
    counts = [
        select(func.count()).select_from(part).scalar_subquery() for name, part in parts if name not in NOT_REPORTED
    ]
    return select(*counts).add_cte(subtracted, *(part for name, part in parts if name in NOT_REPORTED))


def _keys() -> BindParameter[Sequence[int]]:
    return bindparam("keys", type_=ARRAY(BigInteger()))
