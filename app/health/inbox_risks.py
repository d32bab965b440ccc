"""Rows of the inbox that retrying alone will not help, and rows whose record Graph deletes soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import call_records
from app.db import now
from app.ids import TenantId
from app.inbox.model import DUE, FAILED, NOT_FOUND, inbox
from app.inbox.tenant_state import tenants

# A record appears up to 150 minutes after its call, sometimes later, and is requested about 14 times in a day. After
# that it is not merely late. https://learn.microsoft.com/graph/change-notifications-overview#latency
LATE = timedelta(hours=24)
SOON = timedelta(days=5)  # before its deadline a record needs an administrator


@dataclass(frozen=True, slots=True)
class Risks:
    """Rows at risk of one tenant. Calls with an incomplete record in the archive do not count: nothing is lost."""

    stuck: int = 0
    stuck_since: datetime | None = None
    absent: int = 0  # Graph notified us of them and answers 404; those since the last record was stored
    absent_since: datetime | None = None
    refused_since: datetime | None = None
    refused_at: datetime | None = None
    ending: int = 0
    first_end: datetime | None = None
    failed_ending: int = 0
    first_failed_end: datetime | None = None


async def risks(db: AsyncConnection) -> dict[TenantId, Risks]:
    """The rows at risk by tenant id."""
    row, call, tenant = inbox.c, call_records.c, tenants.c
    due, failed = row.state == DUE, row.state == FAILED
    late = and_(due, row.first_seen_at < now(-LATE), row.attempts > 0)
    unknown = func.coalesce(row.error_kind, "") == NOT_FOUND
    absent = and_(late, unknown, or_(tenant.kept_at.is_(None), row.first_seen_at > tenant.kept_at))
    soon = row.deadline < now(SOON)
    ending = and_(due, soon, ~unknown)  # for some short calls Graph never has a record
    failed_ending = and_(failed, soon, row.deadline > now())  # records that Graph has deleted are lost
    wanted = (
        select(
            row.tenant_id,
            *(_count(late & ~unknown), func.min(case((late & ~unknown, row.first_seen_at)))),
            *(_count(absent), func.min(case((absent, row.first_seen_at)))),
            *(func.min(case((failed, row.due_at))), func.max(case((failed, row.due_at)))),
            *(_count(ending), func.min(case((ending, row.deadline)))),
            *(_count(failed_ending), func.min(case((failed_ending, row.deadline)))),
        )
        .outerjoin(call_records, and_(call.call_id == row.call_id, call.tenant_id == row.tenant_id))
        .outerjoin(tenants, tenant.tenant_id == row.tenant_id)
        .where(or_(failed, late, ending), func.coalesce(call.complete, True))
        .group_by(row.tenant_id)
    )
    return {tenant_id: Risks(*values) for tenant_id, *values in await db.execute(wanted)}


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))
