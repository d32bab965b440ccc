"""The deliveries of a webhook: listed, counted, and sent again on request. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import now
from app.outbox.tables import DELIVERED, FAILED, PENDING, STATES, deliveries

CHUNK = 5_000  # rows that one statement makes due again

c = deliveries.c
_SHOWN = (
    *(c.id, c.event_id, c.kind, c.subject, c.tenant_id, c.created_at, c.state, c.attempts, c.due_at),
    *(c.claimed_by, c.last_status, c.last_error, c.finished_at),
)


async def page(
    db: AsyncConnection, webhook_id: str, *, state: str | None = None, before: int | None = None, limit: int = 50
) -> Sequence[Row[Any]]:
    """Newest first, from below the id ``before``."""
    found: list[Row[Any]] = []
    for each in (state,) if state else STATES:  # each of them is a range of one index
        wanted = select(*_SHOWN).where(c.webhook_id == webhook_id, c.state == each).order_by(c.id.desc()).limit(limit)
        found += await db.execute(wanted if before is None else wanted.where(c.id < before))
    return sorted(found, key=lambda row: -row.id)[:limit]


async def counts(db: AsyncConnection) -> dict[str, dict[str, int]]:
    """By webhook: how many are pending and how many failed."""
    wanted = select(c.webhook_id, c.state, func.count()).where(c.state.in_((PENDING, FAILED)))
    found: dict[str, dict[str, int]] = {}
    for webhook_id, state, number in await db.execute(wanted.group_by(c.webhook_id, c.state)):
        found.setdefault(webhook_id, {})[state] = number
    return found


async def replay(db: AsyncConnection, webhook_id: str, since: datetime | None = None) -> int:
    """Make deliveries due again, and return their number: those that failed; with ``since`` all written since then,
    also those that were delivered. At most CHUNK: call it until it returns less.
    """
    mine = [c.webhook_id == webhook_id, c.state == FAILED]
    if since is not None:
        mine = [c.webhook_id == webhook_id, c.state.in_((FAILED, DELIVERED)), c.created_at >= since]
    some = select(c.id).where(*mine).order_by(c.id).limit(CHUNK)
    again = {"state": PENDING, "attempts": 0, "begun_at": now(), "due_at": now(), "finished_at": None}
    return (await db.execute(update(deliveries).where(c.id.in_(some)).values(**again))).rowcount
