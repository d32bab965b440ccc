"""Reads one day of a log, with one query for the day or several for parts of it, and stores how far it came."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from app.archive.call_logs.incoming import Incoming
from app.archive.call_logs.store import Saved
from app.db import Database
from app.graph.errors import Refused
from app.ids import TenantId
from app.telephony.sync import planning, progress
from app.telephony.sync.planning import DAY, MANY, DayRead

TOO_LONG = frozenset({400, 406})
"""What Graph answers to a range that it does not accept: a shorter one may be accepted."""


class Client(Protocol):
    """The part of `app.graph.client.GraphClient` that is needed here."""

    def call_log(self, kind: str, since: datetime, until: datetime) -> AsyncGenerator[list[dict[str, Any]], None]: ...


class DayReader:
    """Reads days of one log; ``saved`` counts the rows of all of them."""

    def __init__(
        self,
        database: Database,
        client: Client,
        tenant_id: TenantId,
        kind: str,
        *,
        retention: timedelta | None = None,
        on_rows: Callable[[Saved], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._client = client
        self._tenant_id = tenant_id
        self._kind = kind
        self._incoming = Incoming(database, tenant_id, kind, retention)
        self._on_rows = on_rows
        self.saved = Saved()

    async def read(self, day: date, known: DayRead) -> DayRead:
        """To the day's end or to now, from where an earlier pass broke off; raises GraphError.

        What was stored before an error stays: to read it again changes nothing.
        """
        begun = datetime.now(UTC)
        end = min(planning.start_of(day) + DAY, begun - planning.MARGIN)
        read = known if known.reached_at else known._replace(reached_at=planning.start_of(day), rows_so_far=0)
        while read.reached_at is not None and read.reached_at < end:
            read = await self._part(read, end)
            await self._store(day, read)
        done = read._replace(reached_at=None, rows_so_far=0, row_count=read.rows_so_far, read_at=begun)
        await self._store(day, done)
        return done

    async def _part(self, read: DayRead, end: datetime) -> DayRead:
        """After one query: further on, or at the same place with shorter queries."""
        assert read.reached_at is not None
        until = min(read.reached_at + timedelta(seconds=read.step_seconds), end)
        try:
            rows = await self._rows(read.reached_at, until, read.step_seconds)
        except Refused as error:
            shorter = planning.shorter(read.step_seconds, refused=True) if error.status in TOO_LONG else None
            if shorter is None:
                raise
            return read._replace(step_seconds=shorter)
        if rows is None:
            return read._replace(step_seconds=planning.shorter(read.step_seconds, refused=False) or planning.USUAL)
        return read._replace(reached_at=until, rows_so_far=read.rows_so_far + rows)

    async def _rows(self, since: datetime, until: datetime, step_seconds: int) -> int | None:
        """How many there are; None as soon as they turn out to be too many for a query of this length."""
        count = 0
        async with aclosing(self._client.call_log(self._kind, since, until)) as pages:
            async for page in pages:
                count += len(page)
                saved = await self._incoming.save(page, datetime.now(UTC))
                self.saved += saved
                self._on_rows(saved)
                if count > MANY and planning.shorter(step_seconds, refused=False):
                    return None
        return count

    async def _store(self, day: date, read: DayRead) -> None:
        async with self._database.begin() as db:
            await progress.save_day(db, self._tenant_id, self._kind, day, read)
