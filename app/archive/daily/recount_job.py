"""Counts changed days again on a schedule, in whichever process has the lease."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from app.archive.daily import recount
from app.archive.schema.daily_tables import untallied_days
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(seconds=20)
REST = 4  # times as long as the counting took, so that it never takes more than a fifth of a core
ANOTHER = 0.5  # seconds until it is checked again whether another process has finished
LEASE = "tally"  # the name that older versions use: they run beside this one during an upgrade

_log = log.get(__name__)


class RecountJob:
    """Counts the days again of which calls changed."""

    def __init__(self, database: Database, *, holder: str, every: timedelta = EVERY, rest: float = REST) -> None:
        self._database = database
        self._holder = holder
        self.every = every
        self.rest = rest

    async def once(self) -> int:
        """How many days were counted; none where nothing changed, or where another process counts."""
        if await _last_mark(self._database) is None:
            return 0
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            if not is_ours:
                return 0
            days = await recount.recount(self._database)
        _log.info("daily_counts_updated", days=days)
        return days

    def on_error(self, error: str, times: int) -> None:
        _log.error("daily_counts_failed", error=error, times=times)


async def settle(database: Database, *, holder: str) -> None:
    """Return when the daily counts include what was saved and removed until now, whichever process counted it."""
    last, job = await _last_mark(database), RecountJob(database, holder=holder)
    while last is not None and await _last_mark(database, until=last) is not None:
        if not await job.once():
            await asyncio.sleep(ANOTHER)


async def _last_mark(database: Database, until: int | None = None) -> int | None:
    wanted = select(func.max(untallied_days.c.key))
    async with database.reading() as db:
        last: int | None = await db.scalar(wanted if until is None else wanted.where(untallied_days.c.key <= until))
    return last
