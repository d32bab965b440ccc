"""How far the counts are behind the calls, and whether proofs found them wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.count_tables import count_changes, count_proofs

LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CountState:
    oldest_change: datetime | None = None
    """When the oldest change was saved that is not added to the counts; None where all are."""
    drift: int = 0
    """Rows that the proofs of the last day found wrong."""


async def read(db: AsyncConnection) -> CountState:
    c, proofs = count_changes.c, count_proofs.c
    oldest = await db.scalar(select(c.changed_at).order_by(c.key).limit(1))
    lately = proofs.proven_at > datetime.now(UTC) - LATELY
    drift = await db.scalar(select(func.coalesce(func.sum(proofs.drift), 0)).where(lately))
    return CountState(oldest, int(drift or 0))
