"""Webhooks and deliveries as commands, routes and pages list them: without URL, secret and data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ids import TenantId
from app.outbound.registry import deliveries, webhooks
from app.outbox.tables import FAILED, PENDING


async def all_of(db: AsyncConnection, tenants: Sequence[TenantId] | None) -> list[dict[str, Any]]:
    """The webhooks that a caller of these tenants sees, with the numbers of pending and failed deliveries."""
    rows = await webhooks.listed(db, tenants)
    counts = await deliveries.counts(db) if rows else {}
    return [webhook(row, counts.get(row.id, {})) for row in rows]


def webhook(row: Row[Any], counts: dict[str, int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.shown_url,
        "format": row.format,
        "events": orjson.loads(row.events),
        "tenants": None if row.tenants is None else orjson.loads(row.tenants),
        "state": row.state,
        "reason": row.reason,
        "created_at": row.created_at,
        "created_by": row.created_by,
        "pending": counts.get(PENDING, 0),
        "failed": counts.get(FAILED, 0),
        "failing_since": row.failing_since,
        "last_status": row.last_status,
        "last_error": row.last_error,
    }


def delivery(row: Row[Any]) -> dict[str, Any]:
    """``next_at`` is the next attempt; none while one is made, and after the last one."""
    waits = row.state == PENDING and row.claimed_by is None
    next_at: datetime | None = row.due_at if waits else None
    return {
        "id": row.id,
        "event_id": row.event_id,
        "type": row.kind,
        "tenant_id": row.tenant_id,
        "created_at": row.created_at,
        "state": row.state,
        "attempts": row.attempts,
        "next_at": next_at,
        "last_status": row.last_status,
        "last_error": row.last_error,
        "finished_at": row.finished_at,
    }
