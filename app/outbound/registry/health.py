"""Whether webhooks accept their events: what waits, and which webhooks have failed for an hour or are disabled."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import now
from app.outbox.tables import ACTIVE, DISABLED, PENDING, deliveries, webhooks

ALARM_AGE = timedelta(hours=1)


class Failing(NamedTuple):
    """``since`` is None for one that is disabled."""

    webhook_id: str
    url: str
    state: str
    since: datetime | None
    error: str | None

    def as_json(self) -> dict[str, Any]:
        return self._asdict()


class Waiting(NamedTuple):
    """Deliveries that are pending, and when the oldest of them was written."""

    pending: int = 0
    oldest: datetime | None = None


async def failing(db: AsyncConnection) -> list[Failing]:
    c = webhooks.c
    for_an_hour = and_(c.state == ACTIVE, c.failing_since < now(-ALARM_AGE))
    wanted = select(c.id, c.shown_url, c.state, c.failing_since, c.reason, c.last_error)
    rows = await db.execute(wanted.where(or_(for_an_hour, c.state == DISABLED)).order_by(c.created_at, c.id))
    return [
        Failing(webhook_id, url, state, since if state == ACTIVE else None, reason or error)
        for webhook_id, url, state, since, reason, error in rows
    ]


async def waiting(db: AsyncConnection) -> Waiting:
    """Of each webhook one range of an index is read."""
    active = select(webhooks.c.id).where(webhooks.c.state == ACTIVE)
    c = deliveries.c
    wanted = select(func.count(), func.min(c.begun_at)).where(c.webhook_id.in_(active), c.state == PENDING)
    row = (await db.execute(wanted)).one()
    return Waiting(*row)
