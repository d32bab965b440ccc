"""Rows as Graph returned them are parsed and saved without erased people, a page in each transaction."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.archive.call_logs import store
from app.archive.call_logs.store import Saved
from app.archive.erasure import digests, log_rows
from app.archive.erasure.digests import NONE_ERASED, Erased
from app.archive.parse.call_logs.row import LogRow, parsed
from app.archive.schema.microseconds import microseconds
from app.db import Database
from app.ids import TenantId


class Incoming:
    """Saves the rows of one log. Rows of calls older than ``retention`` are left out: they would be deleted again."""

    def __init__(self, database: Database, tenant_id: TenantId, kind: str, retention: timedelta | None = None) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._kind = kind
        self._retention = retention
        self._erased: Erased = NONE_ERASED

    async def save(self, items: Sequence[dict[str, Any]], now: datetime) -> Saved:
        """Commits. The rows of before stay where they are the same."""
        while (saved := await self._saved(await asyncio.to_thread(self._rows, items, now), now)) is None:
            async with self._database.reading() as db:
                self._erased = await digests.read(db)
        return saved

    async def _saved(self, rows: Sequence[LogRow], now: datetime) -> Saved | None:
        """None if a person was erased since the erased people were last read."""
        async with self._database.begin() as db:
            if await digests.count(db) != self._erased.count:
                return None
            return await store.put(db, rows, now)

    def _rows(self, items: Sequence[dict[str, Any]], now: datetime) -> list[LogRow]:
        oldest = None if self._retention is None else microseconds(now - self._retention)
        found = (parsed(self._tenant_id, self._kind, item, now) for item in items)
        return [
            log_rows.without(row, self._erased, now)
            for row in found
            if row and (oldest is None or row.columns["ordered_at"] >= oldest)
        ]
