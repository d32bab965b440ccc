"""Statements on the driver's own connection, in the transaction of a SQLAlchemy connection.

SQLAlchemy's work for each row and each statement costs more than parsing a record. Here the statements are compiled
once and a generator yields them. On SQLite the driver's thread runs the generator to its end in one visit, and a
statement has the values of many rows, because the thread competes for the interpreter's lock after each execution. On
PostgreSQL complete rows go through COPY.
"""

import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect, Executable, Table, insert
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.driver_errors import driver_errors, is_refused_value
from app.db.types import UtcDateTime

Row = tuple[Any, ...]
Binder = Callable[[Any], Any]
Result = TypeVar("Result")

_SIZES = (64, 16, 4, 1)  # rows in one statement: few different texts, so that all of them stay prepared
_MOST_VALUES = 32_000  # SQLite takes 32,766 in one statement


class Statement(NamedTuple):
    """A compiled statement, with what its parameters are called and how the driver wants their values."""

    text: str
    names: tuple[str, ...]
    binders: tuple[tuple[int, Binder], ...]
    constants: Mapping[str, Any] = MappingProxyType({})
    """Values that the statement brings itself, which only `bound` adds."""


class Rows(NamedTuple):
    """Insert these rows, which have a value for each column in the table's order."""

    table: Table
    rows: Sequence[Row]


class Returning(NamedTuple):
    """An INSERT of one row, for each of these rows of values; the step gives all rows that are returned."""

    statement: Statement
    rows: Sequence[Row]


class Changing(NamedTuple):
    """A statement with one set of values; the step gives the number of rows that it changed."""

    statement: Statement
    values: Row


class Selecting(NamedTuple):
    """A statement with one set of values; the step gives the rows that it finds."""

    statement: Statement
    values: Row


Step = Rows | Returning | Changing | Selecting
Steps = Generator[Step, Any, Result]


@lru_cache(maxsize=256)
def compiled(statement: Executable, dialect: Dialect, columns: tuple[str, ...] | None = None) -> Statement:
    """The statement for the driver; an INSERT of one row with these columns, or with all of its table."""
    done: Any = statement.compile(dialect=dialect, column_keys=columns)  # type: ignore[attr-defined]
    names = tuple(done.positiontup)
    types = {name: done.binds[name].type for name in names}
    constants = {name: value for name, value in done.params.items() if value is not None}
    return Statement(str(done), names, _binders((types[name] for name in names), dialect), constants)


def bound(statement: Statement, values: dict[str, Any]) -> Row:
    """The values in the statement's order, as the driver wants them."""
    if statement.constants:
        values = {**statement.constants, **values}
    return _bound([values[name] for name in statement.names], statement.binders)


async def run(db: AsyncConnection, steps: Steps[Result]) -> Result:
    """What the generator returns.

    What the database refuses is raised as SQLAlchemy would raise it. A value that SQLite's driver cannot send is a
    ValueError, TypeError or OverflowError.
    """
    raw = await db.get_raw_connection()
    driver: Any = raw.driver_connection
    try:
        if db.dialect.name == "sqlite":
            result: Result = await driver._execute(lambda: _on_sqlite(driver._conn, steps, db.dialect))  # noqa: SLF001
            return result
        if not driver.is_in_transaction():
            await db.exec_driver_sql("SELECT 1")  # SQLAlchemy begins with the first statement
        return await _on_postgresql(driver, steps, db.dialect)
    except driver_errors() as error:
        if is_refused_value(error):
            raise DataError(None, None, error, hide_parameters=True) from error
        await db.run_sync(_raise, error)
        raise


def _raise(connection: Connection, error: Exception) -> None:
    """Raises it as an error of SQLAlchemy, which also discards a connection that is broken."""
    adapted: Any = connection.connection.dbapi_connection
    try:
        adapted._handle_exception(error)  # noqa: SLF001 -- how SQLAlchemy's own cursor translates the driver's errors
    except Exception as translated:  # noqa: BLE001
        connection._handle_dbapi_exception(translated, None, None, None, None)  # noqa: SLF001


class _Taken(Generic[Result]):
    """Iterates over steps. The loop sets ``answer`` to what each step gives; ``result`` is set after the last one."""

    result: Result

    def __init__(self, steps: Steps[Result]) -> None:
        self._steps = steps
        self.answer: Any = None

    def __iter__(self) -> Iterator[Step]:
        try:
            while True:
                yield self._steps.send(self.answer)
        except StopIteration as done:
            self.result = done.value


def _on_sqlite(connection: sqlite3.Connection, steps: Steps[Result], dialect: Dialect) -> Result:
    taken = _Taken(steps)
    for step in taken:
        match step:
            case Rows(table, rows):
                statement = _inserting(table, dialect)
                _insert(connection, statement.text, _all_bound(rows, statement.binders))
            case Returning(statement, rows):
                taken.answer = _insert(connection, statement.text, rows)
            case Changing(statement, values):
                taken.answer = connection.execute(statement.text, values).rowcount
            case Selecting(statement, values):
                taken.answer = connection.execute(statement.text, values).fetchall()
    return taken.result


def _insert(connection: sqlite3.Connection, text: str, rows: Sequence[Row]) -> list[Row]:
    found: list[Row] = []
    at, width = 0, len(rows[0]) if rows else 1
    for size in _SIZES:
        while len(rows) - at >= size and (size * width <= _MOST_VALUES or size == 1):
            values = list(chain.from_iterable(rows[at : at + size]))
            found += connection.execute(_repeated(text, width, size), values)
            at += size
    return found


@lru_cache(maxsize=128)
def _repeated(text: str, width: int, size: int) -> str:
    """The INSERT of one row as an INSERT of several."""
    one = f"({', '.join('?' * width)})"
    return text.replace(one, ", ".join([one] * size), 1)


async def _on_postgresql(connection: Any, steps: Steps[Result], dialect: Dialect) -> Result:
    taken = _Taken(steps)
    for step in taken:
        match step:
            case Rows(table, rows) if rows:
                binders = _inserting(table, dialect).binders
                names = [column.name for column in table.columns]
                await connection.copy_records_to_table(table.name, records=_all_bound(rows, binders), columns=names)
            case Returning(statement, rows) if rows:
                taken.answer = [tuple(row) for row in await connection.fetchmany(statement.text, rows)]
            case Changing(statement, values):
                status = await connection.execute(statement.text, *values)
                taken.answer = int(status.rpartition(" ")[2])
            case Selecting(statement, values):
                taken.answer = [tuple(row) for row in await connection.fetch(statement.text, *values)]
            case _:
                taken.answer = []
    return taken.result


@lru_cache(maxsize=64)
def _inserting(table: Table, dialect: Dialect) -> Statement:
    text = str(insert(table).compile(dialect=dialect))
    binders = _binders((column.type for column in table.columns), dialect)
    return Statement(text, tuple(column.name for column in table.columns), binders)


def _binders(types: Iterable[Any], dialect: Dialect) -> tuple[tuple[int, Binder], ...]:
    """Where a row has moments, and how the database's driver wants them."""
    moments = [(position, kind) for position, kind in enumerate(types) if isinstance(kind, UtcDateTime)]
    if not moments:
        return ()
    binder = lru_cache(maxsize=4096)(_binder(moments[0][1], dialect))
    return tuple((position, binder) for position, _ in moments)


def _binder(kind: UtcDateTime, dialect: Dialect) -> Binder:
    found = kind.dialect_impl(dialect).bind_processor(dialect)
    assert found is not None
    return found


def _all_bound(rows: Sequence[Row], binders: tuple[tuple[int, Binder], ...]) -> Sequence[Row]:
    return [_bound(list(row), binders) for row in rows] if binders else rows


def _bound(values: list[Any], binders: tuple[tuple[int, Binder], ...]) -> Row:
    for position, binder in binders:
        if values[position] is not None:
            values[position] = binder(values[position])
    return tuple(values)
