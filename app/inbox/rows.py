"""The inbox as administrators see it: rows and counts, and their decisions to retry or to give up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, case, false, func, not_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import now
from app.ids import CallId, TenantId
from app.inbox.model import DUE, EXPIRED, FAILED, NOT_FOUND, inbox, never_available


@dataclass(frozen=True, slots=True)
class Depth:
    """The number of rows of one tenant in each state."""

    due: int = 0
    failed: int = 0
    expired: int = 0
    never_available: int = 0  # of those expired: Graph answered 404 to the end
    oldest_due: datetime | None = None
    nearest_deadline: datetime | None = None


async def rows(
    db: AsyncConnection,
    *,
    state: str | None = None,
    apart: bool | None = None,
    tenants: Sequence[TenantId] | None = None,
    after: tuple[datetime, str, str] | None = None,
    limit: int = 50,
) -> Sequence[Row[Any]]:
    """Rows of these tenants, nearest their deadline first, from behind the key ``after`` (deadline, tenant, call).

    ``apart``: only those that were never available at Microsoft, or all but those.
    """
    key = tuple_(inbox.c.deadline, inbox.c.tenant_id, inbox.c.call_id)
    wanted: Select[Any] = select(inbox).order_by(inbox.c.deadline, inbox.c.tenant_id, inbox.c.call_id).limit(limit)
    if state is not None:
        wanted = wanted.where(inbox.c.state == state)
    if apart is not None:
        absent = func.coalesce(never_available, false())
        wanted = wanted.where(absent if apart else not_(absent))
    if tenants is not None:
        wanted = wanted.where(inbox.c.tenant_id.in_(tenants))
    if after is not None:
        wanted = wanted.where(key > after)
    found: Sequence[Row[Any]] = (await db.execute(wanted)).all()
    return found


def is_never_available(row: Row[Any]) -> bool:
    """As `model.never_available`, of a row that was read."""
    return bool(row.state == EXPIRED and row.error_kind == NOT_FOUND)


async def depths(db: AsyncConnection) -> dict[TenantId, Depth]:
    """By tenant: rows of each state, the oldest that is due and unclaimed, the nearest deadline of those due."""
    due = inbox.c.state == DUE
    wanted = select(
        inbox.c.tenant_id,
        func.sum(case((due, 1), else_=0)),
        func.sum(case((inbox.c.state == FAILED, 1), else_=0)),
        func.sum(case((inbox.c.state == EXPIRED, 1), else_=0)),
        func.sum(case((never_available, 1), else_=0)),
        func.min(case((due & (inbox.c.due_at <= now()), inbox.c.due_at))),
        func.min(case((due, inbox.c.deadline))),
    ).group_by(inbox.c.tenant_id)
    names = ("due", "failed", "expired", "never_available", "oldest_due", "nearest_deadline")
    return {
        tenant_id: Depth(**dict(zip(names, values, strict=True))) for tenant_id, *values in await db.execute(wanted)
    }


async def is_backlog(db: AsyncConnection, most: int) -> bool:
    """Whether more rows than this are due; reads no more of them."""
    due = select(inbox.c.call_id).where(inbox.c.state == DUE, inbox.c.due_at <= now()).offset(most).limit(1)
    return await db.scalar(due) is not None


async def waiting(db: AsyncConnection, tenant_id: TenantId, call_ids: Sequence[CallId]) -> set[str]:
    """Which of these calls have a row, whatever its state."""
    wanted = select(inbox.c.call_id).where(inbox.c.tenant_id == tenant_id, inbox.c.call_id.in_(call_ids))
    return set((await db.execute(wanted)).scalars())


async def retry(db: AsyncConnection, call_ids: Sequence[CallId], tenants: Sequence[TenantId] | None = None) -> int:
    """Make these rows of these tenants due at once in any state, and return their number."""
    mine = inbox.c.call_id.in_(call_ids)
    return await _make_due(db, mine if tenants is None else mine & inbox.c.tenant_id.in_(tenants))


async def retry_all_failed(db: AsyncConnection, tenants: Sequence[TenantId] | None = None) -> int:
    """Make every failed row of these tenants due, and return their number."""
    failed = inbox.c.state == FAILED
    return await _make_due(db, failed if tenants is None else failed & inbox.c.tenant_id.in_(tenants))


async def give_up(db: AsyncConnection, call_ids: Sequence[CallId], tenants: Sequence[TenantId] | None = None) -> int:
    """Stop asking Graph for these calls of these tenants, and return the number of rows.

    A notification makes such a row due again. Where a worker fetches the record now and gets it, it is stored.
    """
    mine = inbox.c.call_id.in_(call_ids)
    before = case((inbox.c.last_error.is_(None), ""), else_="; last: " + inbox.c.last_error)
    result = await db.execute(
        update(inbox)
        .where(mine if tenants is None else mine & inbox.c.tenant_id.in_(tenants), inbox.c.state != EXPIRED)
        .values(state=EXPIRED, last_error="given up by hand" + before)
    )
    return result.rowcount


async def _make_due(db: AsyncConnection, which: Any) -> int:
    claimed = inbox.c.claimed_by.is_not(None) & (inbox.c.due_at > now())
    longer = case((inbox.c.deadline <= now(), now(timedelta(days=1))), else_=inbox.c.deadline)
    result = await db.execute(
        update(inbox)
        .where(which)
        .values(
            state=DUE,
            attempts=case((claimed, inbox.c.attempts), else_=0),
            due_at=case((claimed, inbox.c.due_at), else_=now()),
            claimed_by=case((claimed, inbox.c.claimed_by), else_=None),
            # After 30 days Graph is asked once more, because the administrator wants its answer.
            deadline=longer,
        )
    )
    return result.rowcount
