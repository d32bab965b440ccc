"""The subscriptions that we created, and the lifecycle events that are not answered yet."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Row, String, Table, Text, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, metadata, now, upsert
from app.ids import TenantId

# Graph sends a notification again for up to 4 hours, so one may come after its subscription has ended.
# https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
ACCEPTED_AFTER_END = timedelta(hours=24)
STORED_AFTER_END = timedelta(days=7)  # how long ended ones, mainly failed attempts, stay visible

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String, primary_key=True, comment="ours; Graph's is not known before Graph has called us"),
    Column("tenant_id", String, nullable=False, index=True),
    Column("subscription_id", String, unique=True),
    Column("client_state_sha256", String(64), nullable=False),
    Column("notification_url", Text, nullable=False),
    Column("lifecycle_url", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, comment="as Graph returned it, not as we asked"),
    Column("renewed_at", UtcDateTime, comment="the last PATCH; it also renews Graph's authorization"),
    Column("ended_at", UtcDateTime),
    Column("last_error", Text),
)

lifecycle_events = Table(
    "lifecycle_events",
    metadata,
    Column("tenant_id", String, primary_key=True),
    Column("subscription_id", String, primary_key=True),
    Column("event", String, primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
)


def hashed(client_state: str) -> str:
    """The stored form of a client state: enough to recognise it, useless to forge it."""
    return sha256(client_state.encode("utf-8", "surrogatepass")).hexdigest()


async def insert(
    db: AsyncConnection, tenant_id: TenantId, notification_url: str, lifecycle_url: str, at: datetime
) -> tuple[str, str]:
    """Store a row with a new client state, before the request to Graph. Returns (row id, client state)."""
    ours, client_state = str(uuid4()), secrets.token_urlsafe(48)
    await db.execute(
        subscriptions.insert().values(
            id=ours,
            tenant_id=tenant_id,
            client_state_sha256=hashed(client_state),
            notification_url=notification_url,
            lifecycle_url=lifecycle_url,
            created_at=at,
        )
    )
    return ours, client_state


async def update_row(db: AsyncConnection, ours: str, **values: Any) -> None:
    await db.execute(update(subscriptions).where(subscriptions.c.id == ours).values(**values))


async def store_problem(db: AsyncConnection, tenant_id: TenantId, problem: str) -> bool:
    """Write the problem to the tenant's newest subscription; False where there is none."""
    newest = select(subscriptions.c.id).where(subscriptions.c.tenant_id == tenant_id)
    ours = await db.scalar(newest.order_by(subscriptions.c.created_at.desc()).limit(1))
    if ours is not None:
        await update_row(db, ours, last_error=problem)
    return ours is not None


async def delete_long_ended(db: AsyncConnection, tenant_id: TenantId) -> None:
    """Delete the tenant's subscriptions that ended long ago."""
    long_ago = subscriptions.c.ended_at < now(-STORED_AFTER_END)
    await db.execute(delete(subscriptions).where(subscriptions.c.tenant_id == tenant_id, long_ago))


async def not_ended(db: AsyncConnection, tenant_id: TenantId) -> Sequence[Row[Any]]:
    """The tenant's subscriptions that have not ended, including those without an id of Graph yet."""
    wanted = select(subscriptions).where(subscriptions.c.tenant_id == tenant_id, subscriptions.c.ended_at.is_(None))
    return (await db.execute(wanted.order_by(subscriptions.c.created_at))).all()


async def recent(db: AsyncConnection, tenant_id: TenantId) -> Sequence[Row[Any]]:
    """The tenant's subscriptions, including recently ended ones, newest first."""
    wanted = select(subscriptions).where(subscriptions.c.tenant_id == tenant_id)
    return (await db.execute(wanted.order_by(subscriptions.c.created_at.desc()))).all()


async def live(db: AsyncConnection, tenant_id: TenantId) -> Row[Any] | None:
    """The subscription that has not ended and not expired, if any."""
    wanted = (
        select(subscriptions)
        .where(
            subscriptions.c.tenant_id == tenant_id,
            subscriptions.c.ended_at.is_(None),
            subscriptions.c.expires_at > now(),
        )
        .order_by(subscriptions.c.expires_at.desc())
    )
    return (await db.execute(wanted)).first()


async def listening_since(db: AsyncConnection, tenant_id: TenantId) -> datetime | None:
    """When the live subscription was made; None without one."""
    row = await live(db, tenant_id)
    return row.created_at if row else None


async def client_states(db: AsyncConnection) -> dict[TenantId, list[bytes]]:
    """By tenant, the hashes of the client states that Graph may still send."""
    heard = or_(subscriptions.c.ended_at.is_(None), subscriptions.c.ended_at > now(-ACCEPTED_AFTER_END))
    rows = await db.execute(select(subscriptions.c.tenant_id, subscriptions.c.client_state_sha256).where(heard))
    states: dict[TenantId, list[bytes]] = {}
    for tenant_id, digest in rows:
        states.setdefault(tenant_id, []).append(bytes.fromhex(digest))
    return states


async def store_events(db: AsyncConnection, events: Sequence[tuple[str, str, str]], at: datetime) -> None:
    """Store lifecycle events (tenant, subscription, event); a repeated one is one row, with the later time."""
    if not events:
        return
    insert = upsert(lifecycle_events, db.dialect.name)
    latest = insert.on_conflict_do_update(
        index_elements=["tenant_id", "subscription_id", "event"], set_={"received_at": insert.excluded.received_at}
    )
    keys = ("tenant_id", "subscription_id", "event")
    await db.execute(latest, [dict(zip(keys, e, strict=True)) | {"received_at": at} for e in sorted(set(events))])


async def pending_events(db: AsyncConnection, tenant_id: TenantId) -> Sequence[Row[Any]]:
    wanted = select(lifecycle_events).where(lifecycle_events.c.tenant_id == tenant_id)
    return (await db.execute(wanted.order_by(lifecycle_events.c.received_at))).all()


async def delete_event(db: AsyncConnection, event: Row[Any]) -> None:
    """Delete an answered event, unless it came again meanwhile."""
    table = lifecycle_events
    await db.execute(
        delete(table).where(
            table.c.tenant_id == event.tenant_id,
            table.c.subscription_id == event.subscription_id,
            table.c.event == event.event,
            table.c.received_at == event.received_at,
        )
    )


async def last_problem(db: AsyncConnection, tenant_id: TenantId) -> str | None:
    """Why the newest subscription could not be created or renewed, and what to do; None once it is good."""
    newest = select(subscriptions.c.last_error).where(subscriptions.c.tenant_id == tenant_id)
    return await db.scalar(newest.order_by(subscriptions.c.created_at.desc()).limit(1))
