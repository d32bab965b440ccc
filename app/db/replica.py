"""Reads from a replica while it is up to date, and from the primary database while it is not or does not answer.

How far it lags is measured with a row: each process writes the time of the primary into its own every few seconds, and
looks for it at the replica. That holds for every kind of replication.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.database import Database, Readers
from app.db.lease import leases, mark
from app.db.outage.causes import CONNECTION, cause, in_words

LAG = 30.0  # seconds
EVERY = 5.0  # seconds between two checks
PATIENCE = 2.0  # seconds for a connection to the replica, and for each half of a check
GROUP = "read-replica"

Begun = AbstractAsyncContextManager[AsyncConnection]
OnChange = Callable[[str | None], None]
"""Why the replica is not read from now on; None: it is."""


class Replica(Readers):
    """Two sets of readers that are used as one. Without ``async with`` only the primary's are used."""

    def __init__(
        self,
        replica: Readers,
        primary: Readers,
        database: Database,
        *,
        holder: str,
        on_change: OnChange = lambda _: None,
        every: float = EVERY,
        longest_lag: float = LAG,
    ) -> None:
        self.dialect = primary.dialect
        self._replica = replica
        self._primary = primary
        self._database = database
        self._holder = holder
        self._on_change = on_change
        self._every = every
        self._longest_lag = longest_lag
        self._reason: str | None = "not checked yet"
        self._marked: datetime | None = None
        self.lag: float | None = None
        """Seconds, as of the last check; None where the replica did not answer."""

    @property
    def is_used(self) -> bool:
        return self._reason is None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._first(lambda readers: readers.reading()) as db:
            yield db

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        async with self._first(lambda readers: readers.snapshot()) as db:
            yield db

    @asynccontextmanager
    async def _first(self, begin: Callable[[Readers], Begun]) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            db = await self._at_replica(stack, begin) if self.is_used else None
            if db is None:
                yield await stack.enter_async_context(begin(self._primary))
                return
            try:
                yield db
            except (SQLAlchemyError, OSError) as error:
                if cause(error) == CONNECTION:
                    self._change(in_words(error))
                raise

    async def _at_replica(self, stack: AsyncExitStack, begin: Callable[[Readers], Begun]) -> AsyncConnection | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await stack.enter_async_context(begin(self._replica))
        except (SQLAlchemyError, OSError) as error:
            self._change(in_words(error))
            return None

    async def check(self) -> None:
        """Measure the lag, and decide where the next reads go. A primary that does not answer changes nothing."""
        with suppress(SQLAlchemyError, OSError):
            async with asyncio.timeout(PATIENCE):
                self._marked = await mark(self._database, GROUP, self._holder)
        if self._marked is None:
            return
        try:
            async with asyncio.timeout(PATIENCE), self._replica.reading() as db:
                wanted = select(leases.c.until).where(leases.c.name == f"{GROUP}/{self._holder}")
                seen = await db.scalar(wanted)
        except (SQLAlchemyError, OSError) as error:
            self.lag = None
            self._change(in_words(error))
            return
        self._marked_at_replica(self._marked, seen)

    def _marked_at_replica(self, marked: datetime, seen: datetime | None) -> None:
        if seen is None:
            self.lag = None
            self._change("it has not received anything yet")
            return
        self.lag = max((marked - seen) / timedelta(seconds=1), 0.0)
        is_late = self.lag > self._longest_lag
        self._change(f"it lags {self.lag:.0f} s" if is_late else None)

    def _change(self, reason: str | None) -> None:
        before, self._reason = self._reason, reason
        if (before is None) != (reason is None):
            self._on_change(reason)

    async def _keep_checking(self) -> None:
        while True:
            await self.check()
            await asyncio.sleep(self._every)

    async def __aenter__(self) -> Self:
        self._checking = asyncio.create_task(self._keep_checking(), name="read replica")
        return self

    async def close(self) -> None:
        self._checking.cancel()
        await asyncio.wait([self._checking])
        await self._replica.close()
        await self._primary.close()
