"""Saves rows of the logs: each once, its earlier contents beside it, and nothing is deleted because Graph omits it.

Nothing here commits. Rows of one tenant and kind are saved by one process at a time, which has the lease of their log.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.call_logs.row import LogRow
from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from app.db import UtcDateTime, upsert
from app.ids import TenantId

SEEN_AGAIN = timedelta(days=1)
"""Age from which ``last_seen_at`` is written again: a day's rows are read many times."""
CHUNK = 500  # ids in one query

r = call_log_rows.c


class Saved(NamedTuple):
    """How many rows were new, had other contents than before, or were stored already."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, more: object) -> "Saved":
        assert isinstance(more, Saved)
        return Saved(self.new + more.new, self.changed + more.changed, self.same + more.same)


async def put(db: AsyncConnection, rows: Sequence[LogRow], now: datetime) -> Saved:
    """Rows of one tenant and kind; of several with one id the last counts. A second time it changes nothing."""
    newest = {row.row_id: row for row in rows}
    saved = Saved()
    wanted = sorted(newest)
    for start in range(0, len(wanted), CHUNK):
        some = [newest[row_id] for row_id in wanted[start : start + CHUNK]]
        saved += await _put(db, some, now)
    return saved


async def _put(db: AsyncConnection, rows: list[LogRow], now: datetime) -> Saved:
    stored = await _stored(db, rows[0].tenant_id, rows[0].kind, [row.row_id for row in rows])
    new = [row for row in rows if row.row_id not in stored]
    changed = [row for row in rows if row.row_id in stored and not _is_same(row, stored[row.row_id])]
    await _insert(db, new, now)
    await _replace(db, changed, stored, now)
    await _see_again(db, [found.key for found in stored.values() if found.last_seen_at < now - SEEN_AGAIN], now)
    return Saved(len(new), len(changed), len(stored) - len(changed))


def _is_same(row: LogRow, stored: Any) -> bool:
    return bool(row.columns["content_hash"] == bytes(stored.content_hash))


async def _stored(db: AsyncConnection, tenant_id: TenantId, kind: str, row_ids: list[str]) -> dict[str, Any]:
    wanted = select(r.key, r.row_id, r.content_hash, r.last_seen_at).where(
        r.row_id.in_(row_ids), r.tenant_id == tenant_id, r.kind == kind
    )
    return {row.row_id: row for row in await db.execute(wanted.with_for_update())}


async def _insert(db: AsyncConnection, rows: list[LogRow], now: datetime) -> None:
    if not rows:
        return
    seen = {"first_seen_at": now, "changed_at": now, "last_seen_at": now, "revision": 1, "join_due": True}
    values = [
        {**row.columns, **seen, "tenant_id": row.tenant_id, "kind": row.kind, "row_id": row.row_id} for row in rows
    ]
    # A list is executed with the columns of its first row only: rows of one kind have the same ones.
    await db.execute(upsert(call_log_rows, db.dialect.name).on_conflict_do_nothing(), values)


async def _replace(db: AsyncConnection, rows: list[LogRow], stored: dict[str, Any], now: datetime) -> None:
    """The contents of before become a version; the row has the new ones and is joined again."""
    if not rows:
        return
    before = select(
        r.key, r.revision, r.document, r.raw_bytes, r.content_hash, r.changed_at, literal(now, UtcDateTime())
    ).where(r.key.in_([stored[row.row_id].key for row in rows]))
    names = [column.name for column in call_log_row_versions.columns]
    await db.execute(insert(call_log_row_versions).from_select(names, before))
    change = update(call_log_rows).where(r.key == bindparam("the_key"))
    for row in rows:
        values = {**row.columns, "changed_at": now, "last_seen_at": now, "join_due": True}
        await db.execute(change.values(**values, revision=r.revision + 1), {"the_key": stored[row.row_id].key})


async def _see_again(db: AsyncConnection, keys: list[int], now: datetime) -> None:
    if keys:
        await db.execute(update(call_log_rows).where(r.key.in_(keys)).values(last_seen_at=now))
