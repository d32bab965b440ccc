"""Engines, transactions and the few expressions in which SQLite and PostgreSQL differ: the only file that knows
there are two databases.

Everything else is written once, in SQLAlchemy Core, and tested on both.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import asyncpg
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    cast,
    event,
    func,
    literal_column,
    make_url,
)
from sqlalchemy import types as sqltypes
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

# hide_parameters everywhere below: what a row holds may be a person's name, and an error message goes to the log.
BUSY = timedelta(seconds=10)  # how long SQLite waits for another process that writes
READERS = 4
PATIENCE = 60  # seconds that a transaction waits for a connection
CONNECT = 10  # seconds that PostgreSQL has to answer

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column


class UtcDateTime(sqltypes.TypeDecorator[datetime]):
    """A moment, always in UTC with microseconds. A naive value is refused, because SQLite drops offsets silently.

    On SQLite it is text of fixed width (``2026-01-31 09:05:00.000000``), so that comparing texts compares times.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sqltypes.TypeEngine[Any]:
        plain = String(26) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(plain)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return _sqlite_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=UTC)  # asyncpg's first and last moment, which Graph writes for "never"
        return value.astimezone(UTC) if value is not None else None


def _sqlite_text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


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
    return f"to_char(timezone('UTC', {compiler.process(element.clauses, **kw)}), 'YYYY-MM-DD')"


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
            return cast(func.json_extract(value, f"$[{index}]"), kind)
        return cast(value.op("->>")(literal_column(str(index))), kind)

    @staticmethod
    def moment(value: datetime, dialect: str) -> str:
        """A time as its JSON text, which the database casts to its own."""
        return _sqlite_text(value) if dialect == "sqlite" else value.isoformat()


def upsert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


async def exclusively(db: AsyncConnection, table: Table) -> None:
    """Wait until no other transaction uses the table, and keep them all from it until ours ends.

    On SQLite whoever writes is alone already.
    """
    if db.dialect.name == "postgresql":
        await db.exec_driver_sql(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE')


class UnreachableError(ConnectionError):
    """The database does not let us in, for now or for good; the message names its reason."""


class _Connections:
    """An engine with a line before it.

    SQLAlchemy's pool leaves those who wait for a connection waiting when the one who was making it gives up.
    """

    def __init__(self, engine: AsyncEngine, size: int) -> None:
        self.engine = engine
        self._line = asyncio.Semaphore(size)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn(), self.engine.begin() as db:
            yield db

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Any]:
        """The driver's own connection, without a transaction."""
        async with self._turn(), self.engine.connect() as db:
            yield (await db.get_raw_connection()).driver_connection

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._line.acquire()
        except TimeoutError:
            raise UnreachableError(f"every connection to the database was busy for {PATIENCE} s") from None
        try:
            yield
        finally:
            self._line.release()


class Database:
    """One database, with one engine that writes and one that only reads.

    SQLite takes one writer at a time: here one connection, whose transactions begin IMMEDIATE and wait in line,
    so that a read that leads to a write can never be lost to another one.
    """

    def __init__(self, dialect: Literal["sqlite", "postgresql"], write: _Connections, read: _Connections) -> None:
        self.dialect = dialect
        self._write = write
        self._read = read

    @classmethod
    def open(cls, url: str, *, pool: int = 8) -> "Database":
        """``sqlite:///relative/or//absolute/path.db`` or ``postgresql://user:password@host/db?sslmode=…``."""
        if url.startswith("sqlite"):
            return cls._open_sqlite(url)
        return cls._open_postgresql(url, pool)

    @classmethod
    def _open_sqlite(cls, url: str) -> "Database":
        file = make_url(url).database
        if not file or file == ":memory:":
            raise ValueError("SQLite needs a file, for example sqlite:///data/callkeeper.db")
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        driver = make_url(url).set(drivername="sqlite+aiosqlite")
        write = create_async_engine(driver, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=60)
        read = create_async_engine(driver, hide_parameters=True, pool_size=READERS, max_overflow=0, pool_timeout=60)
        _prepare_sqlite(write, "BEGIN IMMEDIATE")
        _prepare_sqlite(read, "BEGIN", "PRAGMA query_only=ON")
        return cls("sqlite", _Connections(write, 1), _Connections(read, READERS))

    @classmethod
    def _open_postgresql(cls, url: str, pool: int) -> "Database":
        dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

        async def connect() -> Any:  # asyncpg reads the whole libpq URL, sslmode and sockets included
            try:
                return await asyncpg.connect(dsn, timeout=CONNECT, server_settings={"application_name": "callkeeper"})
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                raise UnreachableError(f"PostgreSQL refuses the connection: {type(error).__name__}") from error
            except TimeoutError as error:
                raise UnreachableError(f"PostgreSQL does not answer within {CONNECT} s") from error
            except OSError as error:
                raise UnreachableError(f"PostgreSQL does not answer: {error}") from error

        engine = create_async_engine(
            "postgresql+asyncpg://",
            hide_parameters=True,
            async_creator=connect,
            pool_size=pool,
            max_overflow=0,
            pool_pre_ping=True,
        )
        connections = _Connections(engine, pool)
        return cls("postgresql", connections, connections)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write: committed at the end of the block, rolled back on an exception."""
        async with self._write.begin() as db:
            yield db

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads, beside any writer."""
        async with self._read.begin() as db:
            yield db

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """The same, all of it as of one moment."""
        async with self._read.begin() as db:
            if self.dialect == "postgresql":  # SQLite's readers have it so anyway
                await db.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield db

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Any]:
        """The writing connection of aiosqlite or asyncpg, for what no transaction may hold, such as VACUUM."""
        try:
            async with self._write.alone() as driver:
                yield driver
        except (sqlite3.Error, asyncpg.PostgresError) as error:
            raise UnreachableError(f"the database refuses: {error}") from error

    async def close(self) -> None:
        await self._write.engine.dispose()
        await self._read.engine.dispose()


def blames_a_row(error: StatementError) -> bool:
    """Whether the values are at fault (a constraint, a type, a range), and not the database's state."""
    return type(error).__name__ in {"IntegrityError", "DataError", "StatementError"}


def explain(error: Exception) -> str:
    """What the database said, in one line; where it may have named a row's values, only the error's name."""
    if not isinstance(error, StatementError) or not error.orig:
        return (str(error) or type(error).__name__).splitlines()[0]
    if blames_a_row(error):
        return type(error).__name__
    return f"{type(error).__name__}: {error.orig}".splitlines()[0]


def sqlite_version() -> tuple[int, ...]:
    """SQLite up to 3.51.2 has a rare bug with several checkpointing connections (https://sqlite.org/wal.html)."""
    return sqlite3.sqlite_version_info


def _prepare_sqlite(engine: AsyncEngine, begin: str, *pragmas: str) -> None:
    settings = [
        f"PRAGMA busy_timeout={int(BUSY.total_seconds() * 1000)}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-16000",  # KiB
        *pragmas,
    ]

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()

    @event.listens_for(engine.sync_engine, "invalidate")
    def _invalidate(connection: Any, _record: Any, _error: BaseException | None) -> None:
        # A cancelled task leaves a cursor in its traceback, and with a cursor SQLite closes a connection only in
        # name: its transaction would keep every other writer out until somebody forgets the traceback.
        with suppress(Exception):
            connection.rollback()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)
