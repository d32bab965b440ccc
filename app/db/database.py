"""Engines and transactions: how the program gets at its one database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from copy import copy
from pathlib import Path
from typing import Any, Literal, Self

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.db import errors
from app.db.dedicated import Autocommit, Dedicated, SharedWriter
from app.db.driver_errors import driver_errors
from app.db.errors import UnreachableError
from app.db.files import owner_only
from app.db.limits import Limits
from app.db.outage.causes import READ_ONLY, cause
from app.db.outage.patience import Patience
from app.db.sqlite import limit_statements, prepare, readonly_url, stop_once

# hide_parameters everywhere below: what a row holds may be a person's name, and an error message goes to the log.
READERS = 4
READER_CACHE = 8000  # KiB of one connection that only reads
PATIENCE = 60  # seconds that a transaction waits for a connection
# Of transactions whose statements are limited. A machine that vanishes in the middle of one keeps its locks that long.
LOCK, IDLE = 10.0, 20.0


class _Connections:
    """An engine with a line before it.

    SQLAlchemy's pool leaves those who wait for a connection waiting when the one who was making it gives up.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        size: int,
        stopping: Collection[asyncio.Future[None]] = (),
        *,
        too_slow_after: float | None = None,
    ) -> None:
        self._engine = engine
        self._line = asyncio.Semaphore(size)
        self._stopping = stopping
        self._too_slow_after = too_slow_after
        self.patience = Patience()

    def within(self, seconds: float) -> "_Connections":
        """The same connections, for transactions that may take so long."""
        limited = copy(self)
        limited.patience = Patience(seconds)
        return limited

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn(), self.patience.limit():
            with errors.too_slow_after(self._too_slow_after):
                async with self._engine.begin() as db:
                    try:
                        yield db
                    except DBAPIError as error:
                        if (
                            cause(error) == READ_ONLY
                        ):  # after a failover, a new connection reaches the server that writes
                            await db.invalidate()
                        raise

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Any]:
        """The driver's own connection, without a transaction."""
        async with self._turn(), self._engine.connect() as db:
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

    async def close(self) -> None:
        await self._engine.dispose()
        if self._stopping:
            await asyncio.wait(self._stopping)


class Readers:
    """One database through connections that only read; ``async with`` closes them."""

    def __init__(self, dialect: Literal["sqlite", "postgresql"], read: _Connections) -> None:
        self.dialect = dialect
        self._read = read

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

    async def close(self) -> None:
        await self._read.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Database(Readers):
    """One database, with one engine that writes and one that only reads.

    SQLite takes one writer at a time: here one connection, whose transactions begin IMMEDIATE and wait in line,
    so that a read that leads to a write can never be lost to another one.
    """

    def __init__(
        self,
        dialect: Literal["sqlite", "postgresql"],
        write: _Connections,
        read: _Connections,
        url: str,
    ) -> None:
        super().__init__(dialect, read)
        self._write = write
        self._url = url

    @classmethod
    def open(
        cls,
        url: str,
        *,
        pool: int = 8,
        statement_limit: float | None = None,
        lock_limit: float = LOCK,
        idle_limit: float = IDLE,
    ) -> "Database":
        """``sqlite:///relative/or//absolute/path.db`` or ``postgresql://user:password@host/db?sslmode=…``.

        A statement that PostgreSQL does not answer within ``statement_limit`` seconds is a TimeoutError. With it, one
        that waits longer than ``lock_limit`` for a lock is an OperationalError, and the server ends a transaction in
        which no statement came for ``idle_limit`` seconds.
        """
        if url.startswith("sqlite"):
            return cls._open_sqlite(url)
        limits = Limits(statement_limit, lock_limit, idle_limit) if statement_limit else Limits()
        return cls._open_postgresql(url, pool, limits)

    @classmethod
    def _open_sqlite(cls, url: str) -> "Database":
        file = make_url(url).database
        if not file or file == ":memory:":
            raise ValueError("SQLite needs a file, for example sqlite:///data/callkeeper.db")
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        owner_only.create(Path(file))  # SQLite gives the -wal and -shm files the same permissions
        owner_only.restrict(owner_only.with_log(Path(file)))
        driver = make_url(url).set(drivername="sqlite+aiosqlite")
        write = create_async_engine(driver, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=60)
        prepare(write, "BEGIN IMMEDIATE")
        return cls("sqlite", _Connections(write, 1, stop_once(write)), _sqlite_readers(url, READERS), url)

    @classmethod
    def open_readers(cls, url: str, connections: int, statement_limit: float) -> Readers:
        """Reading connections to a PostgreSQL server; a statement above the limit is a TooSlowError."""
        limits = Limits(statement_limit, LOCK, IDLE)
        return Readers("postgresql", _postgresql(url, connections, limits, too_slow_after=statement_limit))

    @classmethod
    def open_readonly(cls, url: str) -> "Database":
        """A database that only reads and creates neither a file nor a folder: if there is none, reading fails."""
        if not url.startswith("sqlite"):
            return cls.open(url, pool=1)
        engine = create_async_engine(readonly_url(make_url(url)), hide_parameters=True, pool_size=1, max_overflow=0)
        connections = _Connections(engine, 1, stop_once(engine))
        return cls("sqlite", connections, connections, url)

    @classmethod
    def _open_postgresql(cls, url: str, pool: int, limits: Limits) -> "Database":
        connections = _postgresql(url, pool, limits)
        return cls("postgresql", connections, connections, url)

    def dedicated(self, limits: Limits) -> Dedicated:
        """The same database through connections that no other part of the process can occupy.

        Close it before this one. On SQLite only the reading connection is its own.
        """
        if self.dialect == "sqlite":
            readers = _sqlite_readers(self._url, 1)
            return SharedWriter(self._write.begin, readers.begin, readers.close)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            hide_parameters=True,
            async_creator=_creator(self._url, limits, abrupt=True),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        return Autocommit(engine)

    def for_readers(self, connections: int, statement_limit: float) -> "Readers":
        """The same database through reading connections of its own; a statement above the limit is a TooSlowError.

        Opened at first use; close it before this one.
        """
        if self.dialect == "sqlite":
            return Readers(self.dialect, _sqlite_readers(self._url, connections, statement_limit))
        return self.open_readers(self._url, connections, statement_limit)

    def within(self, seconds: float) -> "Database":
        """The same database and connections, for transactions that are soon done: on PostgreSQL one that takes longer
        than ``seconds`` is a TimeoutError, because its connection is probably lost. Only the original is closed.
        """
        if self.dialect == "sqlite":
            return self
        return Database(self.dialect, self._write.within(seconds), self._read.within(seconds), self._url)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write: committed at the end of the block, rolled back on an exception."""
        async with self._write.begin() as db:
            yield db

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Any]:
        """The writing connection of aiosqlite or asyncpg, for what no transaction may hold, such as VACUUM."""
        try:
            async with self._write.alone() as driver:
                yield driver
        except driver_errors() as error:
            raise UnreachableError(f"the database refuses: {error}") from error

    async def close(self) -> None:
        await self._write.close()
        await self._read.close()


def _creator(url: str, limits: Limits, *, abrupt: bool = False) -> Callable[[], Awaitable[Any]]:
    from app.db import postgresql  # noqa: PLC0415 -- with its driver, for which a process with SQLite has no use

    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return lambda: postgresql.connect(dsn, limits, abrupt=abrupt)


def _sqlite_readers(url: str, count: int, statement_limit: float | None = None) -> _Connections:
    driver = make_url(url).set(drivername="sqlite+aiosqlite")
    engine = create_async_engine(driver, hide_parameters=True, pool_size=count, max_overflow=0, pool_timeout=60)
    prepare(engine, "BEGIN", "PRAGMA query_only=ON", f"PRAGMA cache_size=-{READER_CACHE}")
    if statement_limit is not None:
        limit_statements(engine, statement_limit)
    return _Connections(engine, count, stop_once(engine), too_slow_after=statement_limit)


def _postgresql(url: str, count: int, limits: Limits, *, too_slow_after: float | None = None) -> _Connections:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        hide_parameters=True,
        async_creator=_creator(url, limits),
        pool_size=count,
        max_overflow=0,
        pool_pre_ping=True,
    )
    return _Connections(engine, count, too_slow_after=too_slow_after)
