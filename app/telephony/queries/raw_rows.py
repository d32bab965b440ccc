"""Log rows as Graph returned them, compressed, in the order of their starts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows
from app.telephony.queries.log_filters import LogFilters

r = call_log_rows.c


async def page(db: AsyncConnection, filters: LogFilters, limit: int, skipped: int) -> Sequence[bytes]:
    """Rows with a start in the range: Graph selects by it. The oldest first."""
    keys = (
        select(r.key)
        .where(*filters.conditions(), r.start_at.is_not(None))
        .order_by(r.ordered_at, r.key)
        .offset(skipped)
        .limit(limit)
    )
    wanted = select(r.document).where(r.key.in_(keys)).order_by(r.ordered_at, r.key)
    return [bytes(document) for document in await db.scalars(wanted)]
