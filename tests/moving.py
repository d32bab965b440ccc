"""Time that passes at once: whatever the database knows of moments becomes older, so that no test waits."""

from datetime import timedelta

from app.db import UtcDateTime
from app.inbox.model import inbox
from app.lease import leases
from app.subscriptions.model import lifecycle_events, subscriptions
from app.tenants import tenants
from sqlalchemy import select, update


async def move_time(database, **by):
    """``await move_time(database, days=31)``: every moment of the small tables is that much longer ago."""
    async with database.begin() as db:
        for table in (inbox, leases, tenants, subscriptions, lifecycle_events):
            for row in (await db.execute(select(table).with_for_update())).mappings().all():
                older = {
                    column.name: row[column.name] - timedelta(**by)
                    for column in table.columns
                    if isinstance(column.type, UtcDateTime) and row[column.name] is not None
                }
                mine = [column == row[column.name] for column in table.primary_key]
                await db.execute(update(table).where(*mine).values(**older))
