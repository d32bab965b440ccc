"""Notifications that were stored while another transaction locked their rows of the inbox, until they can be moved.

A row of the inbox can be locked for long: by a worker whose machine has vanished, or in an administrator's session.
Here rows are only inserted, each under a key of its own, and no transaction can lock a row that is not there yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import orjson
from sqlalchemy import Column, Insert, String, Table, bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database, JsonRows, Key, UtcDateTime, metadata
from app.ids import TenantId
from app.inbox import queue
from app.inbox.queue import Notice
from app.observability import log

EVERY = timedelta(seconds=3)  # between two looks
BATCH = 500  # rows in one transaction

deferred_notices = Table(
    "deferred_notices",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("traceparent", String(55), comment="the span of the notification, if there is one"),
)

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Deferred:
    """How many notices of a tenant are deferred, and since when."""

    notices: int
    since: datetime


async def defer(db: AsyncConnection, notices: Sequence[Notice], at: datetime) -> None:
    """Store the notices without waiting for a lock of the inbox. One statement."""
    rows = [[notice.tenant_id, notice.call_id, notice.traceparent] for notice in notices]
    await db.execute(_defer(db.dialect.name), {"rows": orjson.dumps(rows).decode(), "at": at})


@cache
def _defer(dialect: str) -> Insert:
    rows = JsonRows(dialect)
    columns = {
        "tenant_id": rows.column(0, String()),
        "call_id": rows.column(1, String()),
        "traceparent": rows.column(2, String()),
        "received_at": bindparam("at", type_=UtcDateTime),
    }
    return insert(deferred_notices).from_select(list(columns), select(*columns.values()))


async def move(db: AsyncConnection) -> int:
    """Move the oldest notices into the inbox, and return their number; two processes never move the same one."""
    table = deferred_notices.c
    oldest = select(table.id).order_by(table.id).limit(BATCH).with_for_update(skip_locked=True).cte("oldest")
    taken = delete(deferred_notices).where(table.id.in_(select(oldest.c.id)))
    columns = (table.tenant_id, table.call_id, table.received_at, table.traceparent)
    found = (await db.execute(taken.returning(*columns))).all()
    if found:
        notices = [Notice(row.tenant_id, row.call_id, traceparent=row.traceparent) for row in found]
        await queue.put(db, notices, min(row.received_at for row in found))
    return len(found)


async def counts(db: AsyncConnection) -> dict[TenantId, Deferred]:
    """By tenant id."""
    table = deferred_notices.c
    wanted = select(table.tenant_id, func.count(), func.min(table.received_at)).group_by(table.tenant_id)
    return {tenant_id: Deferred(*values) for tenant_id, *values in await db.execute(wanted)}


class MoveDeferred:
    """The periodic job that moves deferred notices into the inbox; any number of processes may do it at once."""

    every = EVERY
    rest = 0.0

    def __init__(self, database: Database) -> None:
        self._database = database

    async def once(self) -> None:
        async with self._database.reading() as db:
            if not await counts(db):
                return
        while True:
            async with self._database.begin() as db:
                moved = await move(db)
            if moved:
                _log.info("deferred_notices_moved", notices=moved)
            if moved < BATCH:
                return

    def on_error(self, error: str, times: int) -> None:
        _log.error("notices_not_moved", error=error, times=times)
