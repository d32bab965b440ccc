"""What each call adds to the daily counts, written in the transaction that saves or removes the call; and the days
that must be counted again because of it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Dialect, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.daily_tables import call_tallies, untallied_days
from app.db import direct
from app.db.direct import Changing, Rows, Steps

counts_of_calls = call_tallies.c


def day_of(moment: datetime) -> str:
    """The day of a moment in UTC: 2026-01-31."""
    return moment.astimezone(UTC).date().isoformat()


def adding(dialect: Dialect, calls: Sequence[tuple[int, datetime, str]]) -> Steps[None]:
    """Insert what new calls (key, ordered_at, counts) add to their days, and mark these days as changed."""
    rows = [(key, day_of(ordered_at), counts) for key, ordered_at, counts in calls]
    yield Rows(call_tallies, rows)
    mark = direct.compiled(insert(untallied_days).values(day=bindparam("day")).inline(), dialect)
    for day in sorted({day for _, day, _ in rows}):
        yield Changing(mark, (day,))


async def remove(db: AsyncConnection, call_keys: Sequence[int]) -> None:
    """Delete what these calls add to their days, and mark these days as changed."""
    if call_keys:
        of_these = counts_of_calls.call_key.in_(call_keys)
        days = (await db.execute(select(counts_of_calls.day).where(of_these).distinct())).scalars().all()
        await db.execute(delete(call_tallies).where(of_these))
        await _mark(db, days)


async def _mark(db: AsyncConnection, days: Iterable[str]) -> None:
    if marks := [{"day": day} for day in sorted(set(days))]:
        await db.execute(insert(untallied_days).inline(), marks)
