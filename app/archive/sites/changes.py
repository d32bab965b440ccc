"""Changes of the lists, until all archived calls were matched with them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.site_tables import site_changes
from app.archive.schema.tables import call_records
from app.archive.sites.current_sites import period
from app.archive.sites.site_map import Period

changes, calls = site_changes.c, call_records.c


class Open(NamedTuple):
    """Changes that are not finished: up to this revision, since that time, of these days."""

    revision: int
    changed_at: datetime
    periods: Sequence[Period]

    def calls(self) -> ColumnElement[bool]:
        """Those that are still to be matched again. Without addresses a call cannot be: it keeps what was found."""
        others = or_(calls.sites_revision.is_(None), calls.sites_revision < self.revision)
        return and_(others, calls.addresses_removed_at.is_(None), or_(*map(_within, self.periods)))


async def unfinished(db: AsyncConnection) -> Open | None:
    """All that are not finished as one; None where there is none."""
    wanted = select(changes.key, changes.changed_at, changes.valid_from, changes.valid_to)
    found = (await db.execute(wanted.where(changes.finished_at.is_(None)))).all()
    if not found:
        return None
    periods = [period(row.valid_from, row.valid_to) for row in found]
    return Open(max(row.key for row in found), max(row.changed_at for row in found), periods)


async def finish(db: AsyncConnection, revision: int, now: datetime) -> None:
    mine = (changes.key <= revision) & changes.finished_at.is_(None)
    await db.execute(update(site_changes).where(mine).values(finished_at=now))


async def count(db: AsyncConnection) -> int:
    """How many calls are still to be matched again."""
    found = await unfinished(db)
    return await db.scalar(select(func.count()).select_from(call_records).where(found.calls())) or 0 if found else 0


def _within(one: Period) -> ColumnElement[bool]:
    since = [] if one.first is None else [calls.ordered_at >= _begin(one.first)]
    until = (
        [] if one.last is None or one.last == date.max else [calls.ordered_at < _begin(one.last + timedelta(days=1))]
    )
    return and_(calls.key >= 0, *since, *until)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
