"""Database connections of one part of a process, which no other part can occupy: `Database.dedicated` makes them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.db.outage.causes import CONNECTION, READ_ONLY, cause

ATTEMPT = 2.0  # seconds after which a connection that does not come is tried beside the others
GIVE_UP = 10.0  # seconds of attempts; then the next caller begins again

Use = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class Dedicated(Protocol):
    """``writing`` and ``reading`` may be used at the same time, each by one task after the other.

    On SQLite ``writing`` is a transaction. On PostgreSQL each statement commits alone and takes one round trip: a
    process that vanishes leaves no transaction and no lock.
    """

    dialect: str

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]: ...
    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]: ...
    async def warm(self) -> bool:
        """Open the connections, if the database answers soon; whether they are open."""

    async def close(self) -> None: ...


class SharedWriter:
    """On SQLite a process has one connection that writes; readers are dedicated."""

    dialect = "sqlite"

    def __init__(self, writing: Use, reading: Use, close: Callable[[], Awaitable[None]]) -> None:
        self.writing = writing
        self.reading = reading
        self._close = close

    async def warm(self) -> bool:
        return True

    async def close(self) -> None:
        await self._close()


class Autocommit:
    """Two connections to PostgreSQL that are replaced as soon as one of them is in doubt.

    A connection is opened in the background: a caller that gives up does not end the attempt, which on a slow network
    takes longer than one caller waits.
    """

    dialect = "postgresql"

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._write = _Line(engine, self._doubt)
        self._read = _Line(engine, self._doubt)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._write.use()

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._read.use()

    async def warm(self) -> bool:
        return all(await asyncio.gather(self._write.warm(), self._read.warm()))

    async def close(self) -> None:
        for line in (self._write, self._read):
            await line.close()
        await self._engine.dispose()

    async def _doubt(self) -> None:
        """One connection was lost: the other one, if it is idle, may be lost as well."""
        for line in (self._write, self._read):
            if line.idle:
                await line.drop()


class _Line:
    """One connection, used by one task at a time."""

    def __init__(self, engine: AsyncEngine, on_doubt: Callable[[], Awaitable[None]]) -> None:
        self._engine = engine
        self._on_doubt = on_doubt
        self._turn = asyncio.Lock()
        self._opening: asyncio.Task[None] | None = None
        self._db: AsyncConnection | None = None
        self._driver: Any = None

    @property
    def idle(self) -> bool:
        return not self._turn.locked()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn:
            db = await self._connected()
            try:
                yield db
                await db.commit()  # ends SQLAlchemy's transaction; nothing is sent
            except BaseException as error:
                if isinstance(error, Exception) and not self._is_lost(error):
                    await db.rollback()
                    raise
                await self.drop()
                await self._on_doubt()
                raise

    async def warm(self) -> bool:
        try:
            async with asyncio.timeout(GIVE_UP), self._turn:
                await self._connected()
        except (SQLAlchemyError, OSError):
            return False
        return True

    async def drop(self) -> None:
        """Close the connection at this end, without a word to a server that may not answer."""
        db, driver, self._db, self._driver = self._db, self._driver, None, None
        if db is None:
            return
        driver.terminate()
        with suppress(SQLAlchemyError, OSError):
            await db.invalidate()
            await db.close()

    async def close(self) -> None:
        if self._opening:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        await self.drop()

    def _is_lost(self, error: Exception) -> bool:
        """Also after a failover that leaves the connection at a server that has become a standby."""
        return self._driver is None or self._driver.is_closed() or cause(error) in {CONNECTION, READ_ONLY}

    async def _connected(self) -> AsyncConnection:
        if self._db is not None and self._driver.is_closed():
            await self.drop()
        if self._db is None:
            if self._opening is None or self._opening.done():
                self._opening = asyncio.create_task(self._open(), name="database connection")
                self._opening.add_done_callback(_retrieve)
            await asyncio.shield(self._opening)
        assert self._db is not None
        return self._db

    async def _open(self) -> None:
        self._db = await _first(self._engine.connect)
        self._driver = (await self._db.get_raw_connection()).driver_connection


async def _first(connect: Callable[[], Awaitable[AsyncConnection]]) -> AsyncConnection:
    """The first of several attempts that ends: one that began while the network was cut may never be answered."""
    attempts: set[asyncio.Task[AsyncConnection]] = set()
    try:
        async with asyncio.timeout(GIVE_UP):
            while True:
                attempts.add(asyncio.create_task(_attempt(connect)))
                done, _ = await asyncio.wait(attempts, timeout=ATTEMPT, return_when="FIRST_COMPLETED")
                if done:
                    first = min(done, key=lambda task: task.exception() is not None)
                    attempts.discard(first)
                    return first.result()
    finally:
        await _abandon(attempts)


async def _attempt(connect: Callable[[], Awaitable[AsyncConnection]]) -> AsyncConnection:
    return await connect()


async def _abandon(attempts: Collection[asyncio.Task[AsyncConnection]]) -> None:
    for task in attempts:
        task.cancel()
    for outcome in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(outcome, AsyncConnection):
            await outcome.close()


def _retrieve(task: asyncio.Task[None]) -> None:
    """Callers that gave up do not read the error."""
    if not task.cancelled():
        task.exception()
