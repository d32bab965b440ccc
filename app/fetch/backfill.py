"""What Graph lists and we lack: one sweep over its list of call records.

Notifications get lost, and there is no delta query for call records, so the list is the only proof of completeness.
https://learn.microsoft.com/graph/api/callrecords-cloudcommunications-list-callrecords
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from app.archive.retention.expired_calls import aged_from
from app.archive.store import record_store
from app.db import Database
from app.graph.client import Listed
from app.inbox import queue, rows, tenant_state
from app.inbox.queue import WINDOW, Notice


class Client(Protocol):
    """The part of `app.graph.client.GraphClient` that is needed here."""

    def call_records(self, since: datetime, until: datetime | None = None) -> AsyncGenerator[list[Listed], None]: ...


@dataclass(frozen=True, slots=True)
class Swept:
    """How many records Graph listed, and how many of them we lacked or held in a lower version."""

    listed: int
    queued: int

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.listed + other.listed, self.queued + other.queued)


NOTHING = Swept(0, 0)


async def backfill(
    database: Database,
    client: Client,
    tenant_id: str,
    since: datetime,
    until: datetime | None = None,
    *,
    retention: timedelta | None = None,
    progress: Callable[[Swept], None] = lambda _: None,
    traceparent: str | None = None,
    listening_since: datetime | None = None,
) -> Swept:
    """Queue the records whose call started in [since, until) and that we lack; raises GraphError.

    Not those that are older than ``retention``: they would be deleted again.
    Those that ended after ``listening_since`` should have been notified: they are counted in the tenant's row.
    Page by page, each committed: a sweep that breaks off has queued what it saw, and doing it twice does no harm.
    """
    async with database.begin() as db:
        await tenant_state.know(db, [tenant_id])
    swept = NOTHING
    async with aclosing(client.call_records(since, until)) as pages:
        async for page in pages:
            young = [listed for listed in page if not _is_over(listed, retention, datetime.now(UTC))]
            queued = await _queue_missing(database, tenant_id, young, traceparent, listening_since)
            swept += Swept(len(page), queued)
            progress(swept)
    return swept


async def _queue_missing(
    database: Database,
    tenant_id: str,
    page: Sequence[Listed],
    traceparent: str | None,
    listening_since: datetime | None,
) -> int:
    now = datetime.now(UTC)
    async with database.begin() as db:
        held = await record_store.held(db, tenant_id, [listed.id.lower() for listed in page])
        missing = [listed for listed in page if _lacks(held.get(listed.id.lower()), listed)]
        new = [listed for listed in missing if listed.id.lower() not in held]
        waiting = await rows.waiting(db, tenant_id, [listed.id.lower() for listed in new]) if listening_since else set()
        notices = [Notice(tenant_id, listed.id.lower(), _deadline(listed, now), traceparent) for listed in missing]
        await queue.put(db, notices, now, swept=True)
        if listening_since:
            ends = [_ended(listed, now) for listed in new if listed.id.lower() not in waiting]
            await tenant_state.unnotified(db, tenant_id, listening_since, ends)
    return len(missing)


def _lacks(held: record_store.Held | None, listed: Listed) -> bool:
    """Incomplete records are looked at again by their own row in the inbox, not by the sweep."""
    return held is None or held.version < listed.version


def _is_over(listed: Listed, retention: timedelta | None, now: datetime) -> bool:
    return retention is not None and aged_from(listed.end, listed.start, now) < now - retention


def _deadline(listed: Listed, now: datetime) -> datetime:
    return (listed.end or listed.start or now) + WINDOW


def _ended(listed: Listed, now: datetime) -> datetime:
    """A notification comes after the end of a call; what Graph dates in the future has ended all the same."""
    return min(listed.end or listed.start or now, now)
