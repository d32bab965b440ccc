"""Retention on a schedule: what is older than RETENTION is deleted every hour, by whichever process has the lease."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from app.archive.retention import expired_calls, reclaim_space
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(hours=1)

_log = log.get(__name__)


class Retain:
    """Deletes what is older than ``kept``; does nothing where that is None."""

    def __init__(self, database: Database, kept: timedelta | None, *, holder: str, every: timedelta = EVERY) -> None:
        self._database = database
        self._kept = kept
        self._holder = holder
        self._every = every

    async def run(self) -> None:
        """For ever; nothing that the database does ends it."""
        while True:
            try:
                await self.once()
            except (SQLAlchemyError, OSError) as error:
                _log.error("retention_failed", error=type(error).__name__)
            await asyncio.sleep(self._every.total_seconds())

    async def once(self) -> Counter[str]:
        """What was deleted, by table; nothing where another process is at it."""
        deleted: Counter[str] = Counter()
        if self._kept is None:
            return deleted
        async with lease.hold(self._database, "retention", self._holder) as ours:
            if ours:
                async for some in expired_calls.purge(self._database, datetime.now(UTC) - self._kept):
                    deleted.update(some)
                if deleted:
                    await reclaim_space.reuse(self._database, list(deleted))
                    _log.info("retention", deleted=dict(deleted))
        return deleted
