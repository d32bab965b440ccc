"""Deletes calls that are older than RETENTION every hour, in the process that has the lease."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from app.archive.retention import expired_calls, expired_log_rows, reclaim_space
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(hours=1)

_log = log.get(__name__)


class Retain:
    """Deletes calls that are older than ``retention``; does nothing if that is None."""

    def __init__(
        self, database: Database, retention: timedelta | None, *, holder: str, every: timedelta = EVERY
    ) -> None:
        self._database = database
        self._retention = retention
        self._holder = holder
        self.every = every
        self.rest = 0.0

    async def once(self) -> Counter[str]:
        """The number of deleted rows by table; empty if another process has the lease."""
        deleted: Counter[str] = Counter()
        if self._retention is None:
            return deleted
        async with lease.hold(self._database, "retention", self._holder) as is_ours:
            if is_ours:
                before = datetime.now(UTC) - self._retention
                for purge in (expired_calls.purge, expired_log_rows.purge):
                    async for some in purge(self._database, before):
                        deleted.update(some)
                if deleted:
                    await reclaim_space.reuse(self._database, list(deleted))
                    _log.info("retention", deleted=dict(deleted))
        return deleted

    def on_error(self, error: str, times: int) -> None:
        _log.error("retention_failed", error=error, times=times)
