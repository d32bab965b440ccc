"""How often a tenant calls, and so for how long it is normal to hear of no call."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import call_records
from app.ids import TenantId

LAST = 1000  # calls: days of a busy tenant, months of a small one
SHARE = 0.99  # of the gaps between them are no longer than what is normal
FEW = 20  # calls show no rhythm yet
UNKNOWN = timedelta(hours=24)
# A notification comes up to 150 minutes after its call: https://learn.microsoft.com/graph/change-notifications-overview#latency
LEAST = timedelta(hours=3)


async def latest_starts(db: AsyncConnection, tenant_id: TenantId) -> Sequence[datetime]:
    """When the tenant's last calls in the archive began, the latest first; read from the index alone."""
    c = call_records.c
    latest = select(c.ordered_at).where(c.tenant_id == tenant_id).order_by(c.ordered_at.desc(), c.key.desc())
    return (await db.execute(latest.limit(LAST))).scalars().all()


def normal_silence(starts: Sequence[datetime]) -> timedelta:
    """The 99th percentile of the gaps between these calls: minutes for a busy tenant, a weekend for a small one."""
    gaps = sorted(abs(later - earlier) for later, earlier in pairwise(starts))
    usual = gaps[ceil(SHARE * len(gaps)) - 1] if gaps else UNKNOWN
    return max(usual, LEAST if len(starts) >= FEW else UNKNOWN)
