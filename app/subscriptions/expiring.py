"""The event that a subscription ends soon and could not be renewed, once for each subscription."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import direct
from app.ids import TenantId
from app.outbox import listeners, writing
from app.outbox.event import SUBSCRIPTION_EXPIRING, Event
from app.subscriptions import model

SOON = timedelta(hours=24)  # a renewal has then failed for a day


async def write(db: AsyncConnection, tenant_id: TenantId, now: datetime) -> None:
    """In the transaction that stores why the subscription could not be renewed."""
    known = await listeners.read(db)
    if not known.to(SUBSCRIPTION_EXPIRING):
        return
    for row in await model.not_ended(db, tenant_id):
        if row.expires_at is None or row.expires_at - now > SOON:
            continue
        subject = f"subscription {row.id}"
        if not await direct.run(db, writing.reported(db.dialect, known, SUBSCRIPTION_EXPIRING, subject)):
            found = {"tenant_id": tenant_id, "subscription_id": row.subscription_id, "expires_at": row.expires_at}
            event = Event(SUBSCRIPTION_EXPIRING, subject, tenant_id, found)
            await direct.run(db, writing.adding(db.dialect, known, [event], now))
