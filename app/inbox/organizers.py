"""Removes organizers of calls from the inbox: of an erased person, and of calls that are older than RETENTION.

The rows stay. The archive cannot do this: it does not import the inbox.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.inbox.model import inbox
from app.observability import log

EVERY = timedelta(hours=1)

_log = log.get(__name__)

i = inbox.c


class RemoveOrganizers:
    """The periodic job for calls that are older than ``retention``; does nothing if that is None."""

    rest = 0.0

    def __init__(self, database: Database, retention: timedelta | None, *, every: timedelta = EVERY) -> None:
        self._database = database
        self._retention = retention
        self.every = every

    async def once(self) -> int:
        """The number of rows that were changed."""
        if self._retention is None:
            return 0
        async with self._database.begin() as db:
            return await remove_before(db, datetime.now(UTC) - self._retention)

    def on_error(self, error: str, times: int) -> None:
        _log.error("organizers_not_removed", error=error, times=times)


async def remove(db: AsyncConnection, ids: Collection[str], *, dry_run: bool = False) -> int:
    """Of the person with these ids in their normal form; returns the number of rows."""
    return await _remove(db, i.organizer_id.in_(sorted(ids)), dry_run=dry_run)


async def remove_before(db: AsyncConnection, before: datetime) -> int:
    """Of calls that began before; returns the number of rows."""
    return await _remove(db, (i.call_start < before) & i.organizer_id.is_not(None), dry_run=False)


async def _remove(db: AsyncConnection, which: ColumnElement[bool], *, dry_run: bool) -> int:
    count = await db.scalar(select(func.count()).select_from(inbox).where(which)) or 0
    if count and not dry_run:
        await db.execute(update(inbox).where(which).values(organizer_id=None, organizer_name=None))
    return count
