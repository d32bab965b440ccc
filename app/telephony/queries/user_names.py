"""Names of the users of log rows, by object id or by address."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows
from app.telephony.queries.log_filters import LogFilters

CHUNK = 500

r = call_log_rows.c


async def of(db: AsyncConnection, filters: LogFilters, users: Sequence[str]) -> dict[str, str]:
    """Of each id or address the name in one of its newest rows, or the address."""
    found: dict[str, str] = {}
    for start in range(0, len(users), CHUNK):
        some = users[start : start + CHUNK]
        newest = (
            select(func.max(r.key).label("key"))
            .where(or_(r.user_id.in_(some), r.user_address.in_(some)), *filters.conditions())
            .group_by(func.coalesce(r.user_id, r.user_address))
            .subquery()
        )
        shown = func.coalesce(r.user_display_name, r.user_principal_name)
        wanted = select(func.coalesce(r.user_id, r.user_address), shown).where(r.key.in_(select(newest.c.key)))
        found |= {user: name for user, name in await db.execute(wanted) if name}
    return found
