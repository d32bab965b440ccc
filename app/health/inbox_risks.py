"""Rows of the inbox that retrying alone will not help, and rows whose record Graph deletes soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import call_records
from app.db import now
from app.inbox.model import DUE, FAILED, inbox

# A record appears up to 150 minutes after its call, sometimes later, and is requested about 14 times in a day. After
# that it is not merely late. https://learn.microsoft.com/graph/change-notifications-overview#latency
LATE = timedelta(hours=24)
SOON = timedelta(days=5)  # before its deadline a record needs an administrator


@dataclass(frozen=True, slots=True)
class Risks:
    """Rows at risk of one tenant. Calls with an incomplete record in the archive do not count: nothing is lost."""

    stuck: int = 0
    stuck_since: datetime | None = None
    absent: int = 0  # Graph notified us of these and answers 404
    absent_since: datetime | None = None
    refused_since: datetime | None = None
    refused_at: datetime | None = None
    ending: int = 0
    first_end: datetime | None = None
    failed_ending: int = 0
    first_failed_end: datetime | None = None


async def risks(db: AsyncConnection) -> dict[str, Risks]:
    """The rows at risk by tenant id."""
    i, c = inbox.c, call_records.c
    due, failed = i.state == DUE, i.state == FAILED
    late = and_(due, i.first_seen_at < now(-LATE), i.attempts > 0)
    unknown = func.coalesce(i.last_error, "").like("NotFound:%")  # as `fetch.retry` explains it
    ending = i.deadline < now(SOON)
    failed_ending = and_(failed, ending, i.deadline > now())  # a record that Graph has deleted is lost
    wanted = (
        select(
            i.tenant_id,
            *(_count(late & ~unknown), func.min(case((late & ~unknown, i.first_seen_at)))),
            *(_count(late & unknown), func.min(case((late & unknown, i.first_seen_at)))),
            *(func.min(case((failed, i.due_at))), func.max(case((failed, i.due_at)))),
            *(_count(due & ending), func.min(case((due & ending, i.deadline)))),
            *(_count(failed_ending), func.min(case((failed_ending, i.deadline)))),
        )
        .outerjoin(call_records, and_(c.call_id == i.call_id, c.tenant_id == i.tenant_id))
        .where(or_(failed, late, due & ending), func.coalesce(c.complete, True))
        .group_by(i.tenant_id)
    )
    return {tenant_id: Risks(*values) for tenant_id, *values in await db.execute(wanted)}


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))
