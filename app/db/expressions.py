"""The few expressions that SQLite and PostgreSQL write differently."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    String,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from app.db.types import UtcDateTime, sqlite_text

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite  # PostgreSQL's costs a process that has SQLite 5 MB


class _Now(FunctionElement[datetime]):
    inherit_cache = True
    type = UtcDateTime()
    name = "now_after"


def now(after: timedelta = timedelta()) -> FunctionElement[datetime]:
    """The database's own clock plus ``after``: leases of several machines end by one clock."""
    return _Now(after.total_seconds())


@compiles(_Now, "sqlite")
def _now_on_sqlite(element: _Now, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', ({seconds}) || ' seconds') || '000'"


@compiles(_Now, "postgresql")
def _now_on_postgresql(element: _Now, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"clock_timestamp() + make_interval(secs => CAST({seconds} AS double precision))"


class day_of(FunctionElement[str]):  # noqa: N801 -- a function of SQL
    """The day of a moment in UTC, as ``2026-01-31``."""

    inherit_cache = True
    type = String()
    name = "day_of"


@compiles(day_of, "sqlite")
def _day_on_sqlite(element: day_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"substr({compiler.process(element.clauses, **kw)}, 1, 10)"


@compiles(day_of, "postgresql")
def _day_on_postgresql(element: day_of, compiler: SQLCompiler, **kw: Any) -> str:
    # to_char gives NULL for infinity, which is how asyncpg writes the first and the last moment that Python knows.
    moment = compiler.process(element.clauses, **kw)
    day = f"to_char(timezone('UTC', {moment}), 'YYYY-MM-DD')"
    return f"CASE {moment} WHEN '-infinity' THEN '0001-01-01' WHEN 'infinity' THEN '9999-12-31' ELSE {day} END"


class _BeginOf(FunctionElement[datetime]):
    inherit_cache = True
    type = UtcDateTime()
    name = "begin_of"


def begin_of(unit: Literal["hour", "day"], moment: ColumnElement[Any]) -> FunctionElement[datetime]:
    """When the hour or the day of a moment began, in UTC."""
    return _BeginOf(literal_column(f"'{unit}'"), moment)


@compiles(_BeginOf, "sqlite")
def _begin_on_sqlite(element: _BeginOf, compiler: SQLCompiler, **kw: Any) -> str:
    unit, moment = element.clauses
    length = {"'day'": 10, "'hour'": 13}[compiler.process(unit, **kw)]
    return f"substr({compiler.process(moment, **kw)}, 1, {length})"


@compiles(_BeginOf, "postgresql")
def _begin_on_postgresql(element: _BeginOf, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date_trunc({compiler.process(element.clauses, **kw)}, 'UTC')"


class contains_text(FunctionElement[bool]):  # noqa: N801 -- a function of SQL
    """Whether a text has another one in it, every character as it is: LIKE overlooks case on SQLite."""

    inherit_cache = True
    type = Boolean()
    name = "contains_text"


@compiles(contains_text, "sqlite")
def _contains_text_on_sqlite(element: contains_text, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(contains_text, "postgresql")
def _contains_text_on_postgresql(element: contains_text, compiler: SQLCompiler, **kw: Any) -> str:
    text, part = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(strpos({text}, CAST({part} AS text)) > 0)"


class JsonRows:
    """Many rows as one JSON parameter, to insert from a SELECT: one statement costs the same for 1 row and for 1,000,
    where `executemany` costs for each. ``column`` takes the n-th value of each row.
    """

    def __init__(self, dialect: str) -> None:
        rows = bindparam("rows", type_=Text)
        each = func.json_each(rows) if dialect == "sqlite" else func.json_array_elements(cast(rows, JSON))
        self.table = each.table_valued("value")
        self._dialect = dialect

    def column(self, index: int, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        value = self.table.c.value
        if self._dialect == "sqlite":  # which has ->> only since 3.38
            return cast(func.json_extract(value, literal_column(f"'$[{index}]'")), kind)
        return cast(value.op("->>")(literal_column(str(index))), kind)

    @staticmethod
    def moment(value: datetime, dialect: str) -> str:
        """A time as its JSON text, which the database casts to its own."""
        return sqlite_text(value) if dialect == "sqlite" else value.isoformat()


def upsert(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 -- see above

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 -- see above

    return postgresql.insert(table)


async def lock_table(db: AsyncConnection, table: Table) -> None:
    """Wait until no other transaction uses the table, and keep them all from it until ours ends.

    On SQLite there is only one writer at a time.
    """
    if db.dialect.name == "postgresql":
        await db.exec_driver_sql(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE')


async def lock_writers(db: AsyncConnection, table: Table) -> None:
    """Wait until no other transaction writes the table, and keep writers from it until ours ends; others may read.

    It may come after reads of the same transaction: two transactions that do so do not lock each other out.
    """
    if db.dialect.name == "postgresql":
        await db.exec_driver_sql(f'LOCK TABLE "{table.name}" IN SHARE ROW EXCLUSIVE MODE')
