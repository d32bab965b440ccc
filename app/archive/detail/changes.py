"""How far the detail rows of archived calls follow the setting DETAIL_ROWS: one row, which is that of the last run."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Integer, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, metadata, upsert

detail_changes = Table(
    "detail_changes",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),  # always ONLY
    Column("setting", Text, nullable=False, comment="DETAIL_ROWS as it was read"),
    Column("calls", BigInteger, nullable=False, comment="to be changed by this run"),
    Column("changed", BigInteger, nullable=False, comment="of them so far"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False, comment="the last progress"),
    Column("finished_at", UtcDateTime),
)

ONLY = 1

row = detail_changes.c


class Progress(NamedTuple):
    """A run that removes or writes detail rows of archived calls."""

    setting: str
    calls: int
    changed: int
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None

    @property
    def pending(self) -> int:
        """Calls that are still to be changed."""
        return 0 if self.finished_at else max(0, self.calls - self.changed)


async def read(db: AsyncConnection) -> Progress | None:
    """The last run; None if there was none."""
    found = (await db.execute(select(*(row[name] for name in Progress._fields)))).first()
    return Progress(*found) if found else None


async def begin(db: AsyncConnection, setting: str, calls: int, now: datetime) -> None:
    """Start a run that has this many calls to change, or continue one for the same setting that did not finish."""
    last = await read(db)
    if last and last.setting == setting and last.finished_at is None:
        changed, started_at = last.changed, last.started_at
    else:
        changed, started_at = 0, now
    values = {
        "setting": setting,
        "calls": changed + calls,
        "changed": changed,
        "started_at": started_at,
        "updated_at": now,
        "finished_at": None,
    }
    statement = upsert(detail_changes, db.dialect.name).values(key=ONLY, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=[row.key], set_=values))


async def add(db: AsyncConnection, changed: int, now: datetime) -> None:
    """Count calls that the caller's transaction changes."""
    await db.execute(update(detail_changes).values(changed=row.changed + changed, updated_at=now))


async def finish(db: AsyncConnection, now: datetime) -> None:
    await db.execute(update(detail_changes).values(finished_at=now, updated_at=now))
