"""Deletes audit rows that are older than AUDIT_RETENTION, and sign-in sessions that are over, every hour."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from app.access import sign_in_sessions
from app.access.tables import audit
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(hours=1)
ROWS = 1_000  # deleted in one transaction, at most
PAUSE = 0.05  # seconds in which others write

_log = log.get(__name__)


class RetainAudit:
    """A periodic job: one pass an hour, in the process that has the lease."""

    def __init__(self, database: Database, retention: timedelta, *, holder: str, every: timedelta = EVERY) -> None:
        self._database = database
        self._retention = retention
        self._holder = holder
        self.every = every
        self.rest = 0.0

    async def once(self) -> int:
        """The number of deleted audit rows; 0 if another process has the lease."""
        now, deleted = datetime.now(UTC), 0
        async with lease.hold(self._database, "audit_retention", self._holder) as is_ours:
            if is_ours:
                async with self._database.begin() as db:
                    await sign_in_sessions.delete_over(db, now)
                deleted = await delete_before(self._database, now - self._retention)
        if deleted:
            _log.info("audit_retention", deleted=deleted)
        return deleted

    def on_error(self, error: str, times: int) -> None:
        _log.error("audit_retention_failed", error=error, times=times)


async def delete_before(database: Database, before: datetime) -> int:
    """How many rows were deleted, in transactions of at most ROWS."""
    oldest = select(audit.c.id).where(audit.c.at < before).order_by(audit.c.at, audit.c.id).limit(ROWS)
    total = 0
    while True:
        async with database.begin() as db:
            deleted = (await db.execute(delete(audit).where(audit.c.id.in_(oldest)))).rowcount
        total += deleted
        if deleted < ROWS:
            return total
        await asyncio.sleep(PAUSE)
