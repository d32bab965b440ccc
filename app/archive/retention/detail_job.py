"""Makes the detail rows of archived calls follow DETAIL_ROWS, in the background, in the process that has the lease.

It also writes the rows that workers left out while they were behind.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from app.archive.detail import changes
from app.archive.retention import detail_rows, reclaim_space
from app.archive.schema.tables import DETAIL
from app.db import Database, lease
from app.observability import log
from app.settings.units import DetailRows

LEASE = "detail_rows"
EVERY = timedelta(minutes=1)
REST = 1  # times as long as a transaction took: the work takes at most half a core
REST_BEHIND = 9  # times that rest, while many calls wait to be collected: at most a tenth of a core
MANY = 1_000  # calls whose rows were removed: from so many on, their space is made free at once
MOST_SKIPPED = 1_000

_log = log.get(__name__)

IsBehind = Callable[[Database], Awaitable[bool]]
"""Whether many calls wait to be collected."""


async def never_behind(_: Database) -> bool:
    return False


class DetailRowsJob:
    """Removes or writes the rows of calls that are not as the setting says."""

    def __init__(
        self,
        database: Database,
        wanted: DetailRows,
        *,
        holder: str,
        every: timedelta = EVERY,
        rest: float = REST,
        is_behind: IsBehind = never_behind,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._wanted = wanted
        self._holder = holder
        self.every = every
        self.rest = 0.0  # it rests after each transaction
        self._rest_after_each = rest
        self._is_behind = is_behind
        self._clock = clock
        self._sleep = sleep
        self._skipped: set[int] = set()
        """Calls whose document cannot be read; they are tried again by the next process."""

    async def once(self) -> int:
        """How many calls were changed; none where all are as wanted, or where another process does it."""
        now = datetime.now(UTC)
        if not await self._is_any_pending(now):
            return 0
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            return await self._change_all(now) if is_ours and await self._is_any_pending(now) else 0

    def on_error(self, error: str, times: int) -> None:
        _log.error("detail_rows_failed", error=error, times=times)

    async def _is_any_pending(self, now: datetime) -> bool:
        async with self._database.reading() as db:
            return await detail_rows.is_any_pending(db, self._wanted, now, sorted(self._skipped))

    async def _change_all(self, now: datetime) -> int:
        async with self._database.reading() as db:
            calls = await detail_rows.pending(db, self._wanted, now)
        async with self._database.begin() as db:
            await changes.begin(db, self._wanted.written(), calls, now)
        removed, written, begun = 0, 0, self._clock()
        async for changed in detail_rows.follow(self._database, self._wanted, now):
            removed += changed.removed
            written += changed.written
            self._skip(changed.unreadable)
            behind = REST_BEHIND if await self._is_behind(self._database) else 1
            await self._sleep(behind * self._rest_after_each * (self._clock() - begun))
            begun = self._clock()
        async with self._database.begin() as db:
            await changes.finish(db, datetime.now(UTC))
        if removed >= MANY:
            await reclaim_space.reuse(self._database, [table.name for table in DETAIL])
        _log.info("detail_rows_changed", setting=self._wanted.written(), removed=removed, written=written)
        return removed + written

    def _skip(self, keys: list[int]) -> None:
        if keys and len(self._skipped) < MOST_SKIPPED:
            self._skipped.update(keys)
            _log.warning("detail_rows_unreadable", calls=len(keys))
