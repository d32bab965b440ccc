"""How far each sweep has come: one row for each tenant and kind, so that it continues after a crash or a restart."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Double, String, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, metadata, upsert
from app.fetch.reconciliation.window import MARGINS
from app.ids import TenantId
from app.inbox.queue import WINDOW

RECONCILE, BACKFILL = "reconcile", "backfill"

sweeps = Table(
    "sweeps",
    metadata,
    Column("tenant_id", String, primary_key=True),
    Column("kind", String(16), primary_key=True, comment="reconcile: the schedule's; backfill: by hand"),
    Column("sweeper", String, nullable=False, comment="the process that reads the list now, or did last"),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime, nullable=False, comment="calls that started before are not listed"),
    Column("until", UtcDateTime, comment="calls that started then or later are not listed"),
    Column("position", UtcDateTime, nullable=False, comment="all calls that started before are listed"),
    Column("margin", Double, nullable=False, comment="seconds between Graph's window and ours; more after a 400"),
    Column("length", Double, nullable=False, comment="seconds of call start in the next slice"),
    Column("listed", BigInteger, nullable=False),
    Column("queued", BigInteger, nullable=False),
    Column("gap_since", UtcDateTime, comment="the gap in the notifications that it closes"),
    Column("refusal", Text, comment="what Graph said when it refused the window"),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """One sweep, running, broken off or ended."""

    tenant_id: TenantId
    kind: str
    sweeper: str
    begun_at: datetime
    since: datetime
    until: datetime | None
    position: datetime
    updated_at: datetime
    margin: timedelta = MARGINS[0]
    length: timedelta = WINDOW
    listed: int = 0
    queued: int = 0
    gap_since: datetime | None = None
    refusal: str | None = None
    ended_at: datetime | None = None

    def share(self, now: datetime) -> float:
        """How much of its window is listed, from 0 to 1."""
        end = now if self.until is None else min(self.until, now)
        if self.ended_at is not None or end <= self.since:
            return 1.0
        return min(max((self.position - self.since) / (end - self.since), 0.0), 1.0)


async def find(db: AsyncConnection, tenant_id: TenantId, kind: str) -> Progress | None:
    """The running or last sweep of that kind."""
    mine = (sweeps.c.tenant_id == tenant_id, sweeps.c.kind == kind)
    row = (await db.execute(select(sweeps).where(*mine))).mappings().first()
    return _progress(row) if row else None


async def read(db: AsyncConnection, tenant_id: TenantId) -> Sequence[Progress]:
    """The running or last sweep of each kind."""
    wanted = select(sweeps).where(sweeps.c.tenant_id == tenant_id).order_by(sweeps.c.kind.desc())
    return [_progress(row) for row in (await db.execute(wanted)).mappings()]


async def put(db: AsyncConnection, progress: Progress) -> None:
    """From now on this is the sweep of its tenant and kind, and its ``sweeper`` the one that may save it."""
    values = _values(progress)
    insert = upsert(sweeps, db.dialect.name).values(**values)
    await db.execute(insert.on_conflict_do_update(index_elements=["tenant_id", "kind"], set_=values))


async def save(db: AsyncConnection, progress: Progress) -> bool:
    """Store how far it came; False where another process has taken the sweep over."""
    return await _update(db, progress, **_values(progress))


async def touch(db: AsyncConnection, progress: Progress, now: datetime) -> bool:
    """It still runs; False where another process has taken the sweep over."""
    return await _update(db, progress, updated_at=now)


async def _update(db: AsyncConnection, progress: Progress, **values: Any) -> bool:
    mine = (sweeps.c.tenant_id == progress.tenant_id, sweeps.c.kind == progress.kind)
    ours = update(sweeps).where(*mine, sweeps.c.sweeper == progress.sweeper, sweeps.c.begun_at == progress.begun_at)
    return (await db.execute(ours.values(**values))).rowcount == 1


def _values(progress: Progress) -> dict[str, Any]:
    seconds = {"margin": progress.margin.total_seconds(), "length": progress.length.total_seconds()}
    return asdict(progress) | seconds


def _progress(row: Any) -> Progress:
    spans = {name: timedelta(seconds=row[name]) for name in ("margin", "length")}
    return Progress(**{**row, **spans})
