"""Adds the waiting changes to the counts of their hours and days, in small transactions that block no other writer."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Delete, Table, delete, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily import value_keys
from app.archive.daily.departments import days
from app.archive.daily.sums import Sums
from app.archive.parse.row import Row
from app.archive.schema.count_tables import MEASURES, count_changes, day_counts, hour_counts
from app.archive.schema.periods import day_of_hour
from app.db import Database, JsonRows, upsert

if TYPE_CHECKING:  # PostgreSQL's costs a process that has SQLite 3 MB
    from sqlalchemy.dialects import postgresql, sqlite

CHANGES = 1000  # in one transaction
ROWS = 500  # in one statement
PAUSE = 0.02  # seconds in which other transactions run

HOUR_KEY = ("value_key", "hour")
DAY_KEY = ("dimension", "value", "day", "tenant_id")

changes = count_changes.c


class _AddedByAnother(Exception):
    """Another process added some of the changes that we read."""


async def fold(database: Database) -> int:
    """Add all changes that wait now; how many that were. For one process at a time; another one does no harm."""
    folded = 0
    while some := await _some(database):
        sums = await asyncio.to_thread(_sums, [change[1:] for change in some])
        try:
            async with database.begin() as db:
                await _take(db, [change[0] for change in some])
                await apply(db, sums)
                await days.touch(db, {day_of_hour(hour) for _, _, hour, *_ in some})
        except _AddedByAnother:
            continue
        folded += len(some)
        await asyncio.sleep(PAUSE)
    return folded


async def apply(db: AsyncConnection, sums: Sums) -> None:
    """Add these sums of hours, which may be negative, to the counts of hours and days."""
    await add_hours(db, sums)
    await add_days(db, sums.by_day())


async def add_hours(db: AsyncConnection, sums: Sums) -> None:
    rows = list(sums.rows())
    keys = await value_keys.ensure(db, {(dimension, value, tenant) for dimension, value, _, tenant, *_ in rows})
    numbered = [(keys[dimension, value, tenant], hour, *measures) for dimension, value, hour, tenant, *measures in rows]
    gone = await _add(db, hour_counts, HOUR_KEY, numbered)
    await value_keys.remove_unused(db, {row[0] for row in gone})


async def add_days(db: AsyncConnection, sums: Sums) -> None:
    await _add(db, day_counts, DAY_KEY, list(sums.rows()))


async def _add(db: AsyncConnection, table: Table, key: tuple[str, ...], rows: list[Row]) -> list[Row]:
    """Rows in which nothing is counted any more are deleted; those that may be are returned."""
    adding, emptied = _adding(db.dialect.name, table, key), _emptied(db.dialect.name, table, key)
    for start in range(0, len(rows), ROWS):
        await db.execute(adding, {"rows": _json(rows[start : start + ROWS])})
    gone = [row for row in rows if min(row[len(key) :]) < 0]
    for start in range(0, len(gone), ROWS):
        await db.execute(emptied, {"rows": _json(gone[start : start + ROWS])})
    return gone


async def _some(database: Database) -> Sequence[Any]:
    wanted = select(changes.key, changes.tenant_id, changes.hour, changes.sign, changes.counts)
    async with database.reading() as db:
        return (await db.execute(wanted.order_by(changes.key).limit(CHANGES))).all()


def _sums(some: Sequence[Any]) -> Sums:
    sums = Sums()
    sums.add_calls(some)
    return sums


async def _take(db: AsyncConnection, keys: Sequence[int]) -> None:
    """Delete the changes: in the transaction that adds them, so that each is added once."""
    if (await db.execute(delete(count_changes).where(changes.key.in_(keys)))).rowcount != len(keys):
        raise _AddedByAnother


@cache
def _adding(dialect: str, table: Table, key: tuple[str, ...]) -> "sqlite.Insert | postgresql.Insert":
    given, columns = JsonRows(dialect), (*key, *MEASURES)
    values = select(*(given.column(place, table.c[name].type) for place, name in enumerate(columns))).where(true())
    statement = upsert(table, dialect).from_select(list(columns), values)
    added = {name: table.c[name] + statement.excluded[name] for name in MEASURES}
    return statement.on_conflict_do_update(index_elements=list(key), set_=added)


@cache
def _emptied(dialect: str, table: Table, key: tuple[str, ...]) -> Delete:
    """Delete those of the given rows in which nothing is counted any more."""
    given = JsonRows(dialect)
    columns = [table.c[name] for name in key]
    wanted = [given.column(place, column.type) for place, column in enumerate(columns)]
    empty = delete(table).where(*(table.c[name] == 0 for name in MEASURES))
    if dialect == "sqlite":  # which searches its key only for rows that it is given in this form
        return empty.where(tuple_(*columns).in_(select(*wanted).select_from(given.table)))
    return empty.where(*(column == value for column, value in zip(columns, wanted, strict=True)))


def _json(rows: Sequence[Row]) -> str:
    return orjson.dumps(rows).decode()
