"""Which days have counts of departments that are still right: neither a call nor the directory changed since."""

from collections.abc import Collection
from datetime import UTC, datetime

import orjson
from sqlalchemy import ColumnElement, String, and_, func, literal, null, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.contribution import ALL
from app.archive.schema.count_tables import count_changes, day_counts
from app.archive.schema.department_tables import department_days, directory_changes
from app.archive.schema.directory_table import directory
from app.archive.schema.periods import day_of_hour, hours_of_day
from app.db import JsonRows, upsert

d = department_days.c


async def touch(db: AsyncConnection, days: Collection[str]) -> None:
    """Calls of these days changed. To be called in the transaction that deletes the waiting changes."""
    given = JsonRows(db.dialect.name)
    values = select(given.column(0, String()), literal(1)).select_from(given.table).where(true())
    put = upsert(department_days, db.dialect.name).from_select(["day", "changes"], values)
    put = put.on_conflict_do_update(index_elements=["day"], set_={"changes": d.changes + 1})
    await db.execute(put, {"rows": orjson.dumps([[day] for day in sorted(days)]).decode()})


async def directory_changed(db: AsyncConnection, now: datetime) -> None:
    """Of every day."""
    await db.execute(directory_changes.insert().values(changed_at=now))


async def is_directory_empty(db: AsyncConnection) -> bool:
    return await db.scalar(select(directory.c.key).limit(1)) is None


async def revision(db: AsyncConnection) -> int:
    """Of the directory; it grows with each change."""
    return await db.scalar(select(func.max(directory_changes.c.key))) or 0


async def counted(db: AsyncConnection, first: str, last: str) -> set[str]:
    """The days from the first to the last one whose counts are right. Read the counts in the same snapshot."""
    wanted = select(d.day).where(d.day >= first, d.day <= last, _is_right(await revision(db)))
    return set((await db.execute(wanted)).scalars()) - await waiting(db, first, last)


async def waiting(db: AsyncConnection, first: str, last: str) -> set[str]:
    """The days with changes that are not folded yet."""
    hour = count_changes.c.hour
    wanted = select(hour).where(hour >= hours_of_day(first)[0], hour <= hours_of_day(last)[-1]).distinct()
    return {day_of_hour(found) for found in (await db.execute(wanted)).scalars()}


async def to_count(db: AsyncConnection) -> list[str]:
    """The days with calls whose counts are not right, newest first."""
    days = select(day_counts.c.day).where(day_counts.c.dimension == ALL).distinct().subquery().c
    wanted = select(days.day).join_from(days.day.table, department_days, d.day == days.day, isouter=True)
    wrong = or_(d.day.is_(null()), ~func.coalesce(_is_right(await revision(db)), literal(False)))  # noqa: FBT003
    return list((await db.execute(wanted.where(wrong).order_by(days.day.desc()))).scalars())


async def oldest(db: AsyncConnection) -> str | None:
    """The day that was not counted for the longest time."""
    day: str | None = await db.scalar(
        select(d.day).where(d.counted_at.is_not(None)).order_by(d.counted_at, d.day).limit(1)
    )
    return day


async def changes(db: AsyncConnection, day: str) -> int:
    return await db.scalar(select(d.changes).where(d.day == day)) or 0


async def note(db: AsyncConnection, day: str, changes: int, directory_revision: int) -> bool:
    """The day is counted; False where its calls changed meanwhile."""
    values = {"counted_changes": changes, "directory_revision": directory_revision, "counted_at": datetime.now(UTC)}
    put = upsert(department_days, db.dialect.name).values(day=day, changes=changes, **values)
    put = put.on_conflict_do_update(index_elements=["day"], set_=values, where=d.changes == changes)
    return (await db.execute(put)).rowcount == 1


def _is_right(revision: int) -> ColumnElement[bool]:
    return and_(d.counted_changes == d.changes, d.directory_revision == revision)
