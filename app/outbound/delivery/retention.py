"""Deletes old deliveries, those of removed webhooks, and gives up those of disabled webhooks, every minute."""

import asyncio
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database, lease, now
from app.observability import log
from app.outbound.delivery import queue
from app.outbox.tables import DELIVERED, FAILED, REMOVED, deliveries, webhooks

EVERY = timedelta(minutes=1)
DELIVERED_FOR = timedelta(days=7)
FAILED_FOR = timedelta(days=30)
ROWS = 1_000  # in one transaction, at most
PAUSE = 0.05  # seconds in which others write

c = deliveries.c
_log = log.get(__name__)


class RetainDeliveries:
    """A periodic job, in the process that has the lease."""

    every = EVERY
    rest = 0.0

    def __init__(self, database: Database, *, holder: str) -> None:
        self._database = database
        self._holder = holder

    async def once(self) -> int:
        """The number of deleted deliveries."""
        async with self._database.reading() as db:
            if not await _has_work(db):
                return 0
        deleted = 0
        async with lease.hold(self._database, "webhook_deliveries", self._holder) as is_ours:
            if is_ours:
                await self._give_up()
                for which in _OVER:
                    deleted += await self._delete(which)
        if deleted:
            _log.info("deliveries_deleted", deleted=deleted)
        return deleted

    def on_error(self, error: str, times: int) -> None:
        _log.error("deliveries_not_deleted", error=error, times=times)

    async def _give_up(self) -> None:
        given_up = ROWS
        while given_up == ROWS:
            async with self._database.begin() as db:
                given_up = await queue.give_up_inactive(db, ROWS)
            await asyncio.sleep(PAUSE)

    async def _delete(self, which: ColumnElement[bool]) -> int:
        some, total = select(c.id).where(which).limit(ROWS), 0
        while True:
            async with self._database.begin() as db:
                deleted = (await db.execute(delete(deliveries).where(c.id.in_(some)))).rowcount
            total += deleted
            if deleted < ROWS:
                return total
            await asyncio.sleep(PAUSE)


async def _has_work(db: AsyncConnection) -> bool:
    for which in (queue.of_inactive(), *_OVER):
        if (await db.execute(select(c.id).where(which).limit(1))).first():
            return True
    return False


# Each is a range of one index.
_OVER = (
    c.webhook_id.in_(select(webhooks.c.id).where(webhooks.c.state == REMOVED)),
    and_(c.state == DELIVERED, c.finished_at < now(-DELIVERED_FOR)),
    and_(c.state == FAILED, c.finished_at < now(-FAILED_FOR)),
)
