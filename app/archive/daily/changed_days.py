"""What each call adds to the tallies of its day, kept in step with the calls by whoever saves or removes them, and
the days whose tallies are no longer right.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.daily_tables import call_tallies, untallied_days
from app.db.bulk import insert_rows

t = call_tallies.c


def day_of(moment: datetime) -> str:
    """The day of a moment in UTC: 2026-01-31."""
    return moment.astimezone(UTC).date().isoformat()


async def add(db: AsyncConnection, calls: Sequence[tuple[int, datetime, str]]) -> None:
    """Puts in what these calls (key, ordered_at, tallies), which must not be there, add to their days."""
    found = [(key, day_of(ordered_at), tallies) for key, ordered_at, tallies in calls]
    await insert_rows(db, call_tallies, found)
    await _mark(db, (day for _, day, _ in found))


async def take_out(db: AsyncConnection, call_keys: Sequence[int]) -> None:
    """Takes calls out again, from the days on which they were."""
    if call_keys:
        mine = t.call_key.in_(call_keys)
        days = (await db.execute(select(t.day).where(mine).distinct())).scalars().all()
        await db.execute(delete(call_tallies).where(mine))
        await _mark(db, days)


async def _mark(db: AsyncConnection, days: Iterable[str]) -> None:
    if marks := [{"day": day} for day in sorted(set(days))]:
        await db.execute(insert(untallied_days).inline(), marks)
