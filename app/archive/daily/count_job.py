"""Adds what changed to the counts on a schedule, in the process that has the lease."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from app.archive.daily import older_counts
from app.archive.daily.fold import fold
from app.archive.schema.count_tables import count_changes
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(seconds=5)
REST = 4  # times as long as moving some older counts took: it takes at most a fifth of a core
ANOTHER = 0.5  # seconds until it is checked again whether another process has finished
LEASE = "counts"

_log = log.get(__name__)


class CountJob:
    """Adds the changes of calls to the counts of their hours and days."""

    def __init__(self, database: Database, *, holder: str, every: timedelta = EVERY, rest: float = REST) -> None:
        self._database = database
        self._holder = holder
        self.every = every
        self.rest = 0.0  # only the upgrade rests
        self._rest_of_upgrade = rest

    async def once(self) -> int:
        """How many changes were added; none where nothing changed, or where another process adds them."""
        if not await _is_waiting(self._database):
            return 0
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            return await self._all() if is_ours else 0

    def on_error(self, error: str, times: int) -> None:
        _log.error("daily_counts_failed", error=error, times=times)

    async def _all(self) -> int:
        """New changes come before the calls that an upgrade moves, after each some."""
        clock = asyncio.get_running_loop().time
        added, moved, begun = await fold(self._database), 0, clock()
        while some := await older_counts.move(self._database):
            moved += some
            added += await fold(self._database)
            await asyncio.sleep(self._rest_of_upgrade * (clock() - begun))
            begun = clock()
        await older_counts.remove_all(self._database)
        if moved:
            _log.info("daily_counts_upgraded", calls=moved)
        return added


async def settle(database: Database, *, holder: str) -> None:
    """Return when the counts include what was saved and removed until now, whichever process added it."""
    job, last = CountJob(database, holder=holder, rest=0.0), await _last_change(database)
    while await _is_waiting(database, until=last):
        if not await job.once():
            await asyncio.sleep(ANOTHER)


async def _last_change(database: Database) -> int:
    async with database.reading() as db:
        return await db.scalar(select(func.max(count_changes.c.key))) or 0


async def _is_waiting(database: Database, until: int | None = None) -> bool:
    """Whether there is a change, up to the one with that key, or something that an older program left."""
    key = count_changes.c.key
    async with database.reading() as db:
        some = select(key) if until is None else select(key).where(key <= until)
        change = await db.scalar(some.limit(1))
        return change is not None or await older_counts.is_left(db)
