"""The shortest way for many rows into a database: executemany on SQLite, COPY on PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Table, make_url
from sqlalchemy.dialects import postgresql, sqlite

from app.db import UtcDateTime

Row = tuple[Any, ...]


class Bulk(Protocol):
    def bound(self, table: Table, row: Row) -> Row:
        """The row as the driver wants it."""

    def write(self, table: Table, rows: Sequence[Row]) -> None: ...

    def commit(self) -> None: ...

    def finish(self) -> None:
        """The database's own speed when rows are written one by one."""


@contextmanager
def bulk(url: str) -> Iterator[Bulk]:
    into = Sqlite(url) if url.startswith("sqlite") else Postgresql(url)
    try:
        yield into
    finally:
        into.close()


class Sqlite:
    def __init__(self, url: str) -> None:
        self._db = sqlite3.connect(make_url(url).database)
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-500000", "temp_store=MEMORY"):
            self._db.execute(f"PRAGMA {pragma}")

    def bound(self, table: Table, row: Row) -> Row:
        return _bound(table, row, "sqlite")

    def write(self, table: Table, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(table.columns))
        self._db.executemany(f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({marks})", rows)

    def commit(self) -> None:
        self._db.commit()

    def finish(self) -> None:
        self._db.commit()
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._db.close()


class Postgresql:
    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._db = self._run(asyncpg.connect(url))
        self._run(self._db.execute("SET synchronous_commit = off"))

    def bound(self, table: Table, row: Row) -> Row:
        return _bound(table, row, "postgresql")

    def write(self, table: Table, rows: Sequence[Row]) -> None:
        names = [column.name for column in table.columns]
        self._run(self._db.copy_records_to_table(table.name, records=rows, columns=names))

    def commit(self) -> None:
        pass  # each COPY is its own transaction

    def finish(self) -> None:
        for table in ("call_records", "people", "counted_values"):
            self._run(
                self._db.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'key'), max(key)) FROM {table}")
            )
        self._run(self._db.execute("VACUUM (ANALYZE)"))

    def close(self) -> None:
        self._run(self._db.close())
        self._loop.close()

    def _run(self, work):
        return self._loop.run_until_complete(work)


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _bound(table: Table, row: Row, dialect: str) -> Row:
    values = list(row)
    for position, binder in _moments(table, dialect):
        values[position] = binder(values[position])
    return tuple(values)


@cache
def _moments(table: Table, dialect: str):
    known = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()
    binders = [
        (position, column.type.dialect_impl(known).bind_processor(known))
        for position, column in enumerate(table.columns)
        if isinstance(column.type, UtcDateTime)
    ]
    return [(position, lru_cache(maxsize=4096)(binder)) for position, binder in binders if binder]
