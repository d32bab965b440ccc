"""Time that passes at once: whatever the database knows of moments becomes older, so that no test waits."""

from datetime import timedelta

from sqlalchemy import select, update

from app.db import UtcDateTime
from app.db.lease import leases
from app.inbox.model import inbox
from app.inbox.refusals import refusals
from app.inbox.tenant_state import tenants
from app.inbox.webhook_marks import webhook_marks
from app.outbox.tables import deliveries, webhooks
from app.subscriptions.model import lifecycle_events, subscriptions

TABLES = (inbox, leases, tenants, refusals, webhook_marks, subscriptions, lifecycle_events, deliveries, webhooks)


async def move_time(database, **by):
    """Every moment of the small tables becomes that much longer ago, for example days=31."""
    async with database.begin() as db:
        for table in TABLES:
            for row in (await db.execute(select(table).with_for_update())).mappings().all():
                mine = [column == row[column.name] for column in table.primary_key]
                if older := _older(table, row, timedelta(**by)):
                    await db.execute(update(table).where(*mine).values(**older))


def _older(table, row, by):
    moments = [column.name for column in table.columns if isinstance(column.type, UtcDateTime)]
    return {name: row[name] - by for name in moments if row[name] is not None}
