"""Joins rows with calls on a schedule, in the process that has the lease, in small transactions."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_changed_calls, call_log_rows
from app.archive.voice_apps import judging_again
from app.db import Database, lease
from app.observability import log
from app.telephony.joins import join

EVERY = timedelta(seconds=10)
PAUSE = 0.02  # seconds in which other transactions run

_log = log.get(__name__)

OnJoined = Callable[[AsyncConnection, set[int]], Awaitable[None]]


class JoinLogRows:
    """``on_joined`` gets the keys of calls of which a row was joined, changed or taken away, in that transaction.

    Their outcomes are judged again in the background, if their rows say something else than before.
    """

    rest = 1.0

    def __init__(
        self,
        database: Database,
        *,
        holder: str,
        every: timedelta = EVERY,
        on_joined: OnJoined = judging_again.mark_changed,
    ) -> None:
        self.every = every
        self._database = database
        self._holder = holder
        self._on_joined = on_joined

    async def once(self) -> int:
        """How many rows were looked at; none where another process has the lease."""
        if not await self._is_waiting():
            return 0
        async with lease.hold(self._database, "call-log-joins", self._holder) as is_ours:
            return await self._all() if is_ours else 0

    def on_error(self, error: str, times: int) -> None:
        _log.error("call_log_joins_failed", error=error, times=times)

    async def _all(self) -> int:
        count = 0
        while True:
            async with self._database.begin() as db:
                calls = await join.make_due(db)
                rows, touched = await join.join_due(db)
                if touched:
                    await self._on_joined(db, touched)
            if not calls and not rows:
                return count
            count += rows
            await asyncio.sleep(PAUSE)

    async def _is_waiting(self) -> bool:
        some = (
            exists(select(call_log_changed_calls.c.key)),
            exists(select(call_log_rows.c.key).where(call_log_rows.c.join_due)),
        )
        async with self._database.reading() as db:
            return bool(await db.scalar(select(or_(*some))))
