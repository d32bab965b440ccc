"""The changes that are not added to the counts yet, for readers whose figures must never be old."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.sums import Sums
from app.archive.queries.filters import Filters, of_tenants
from app.archive.schema.count_tables import count_changes

MOST = 2000  # changes; with more, as during a purge, figures are as old as the counts

c = count_changes.c


async def sums(db: AsyncConnection, filters: Filters, *within: ColumnElement[bool]) -> Sums:
    """What they add to the hours; none where they are too many. Read the counts in the same snapshot."""
    wanted = select(c.tenant_id, c.hour, c.sign, c.counts).where(*of_tenants(filters.visible(), c.tenant_id), *within)
    changes = (await db.execute(wanted.limit(MOST + 1))).all()
    found = Sums()
    if len(changes) <= MOST:
        found.add_calls(changes)
    return found
