"""The state of a tenant that all processes share: until when Graph throttles it, since when notifications may be
missing, and when it was last notified, swept and stored.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, direct, metadata, now, upsert
from app.db.direct import Changing, Steps
from app.ids import TenantId
from app.inbox import webhook_marks

tenants = Table(
    "tenants",
    metadata,
    Column("tenant_id", String, primary_key=True),
    Column("held_until", UtcDateTime, comment="Graph's Retry-After, shared by all workers"),
    Column("gap_since", UtcDateTime, comment="calls since then may not have been notified; swept, then cleared"),
    Column("notified_at", UtcDateTime, comment="the last notification taken"),
    Column("reconciled_at", UtcDateTime, comment="the last sweep of Graph's list that came to its end"),
    Column("kept_at", UtcDateTime, comment="the last record stored"),
    Column("kept_total", BigInteger, nullable=False, server_default="0"),
    Column(
        "unnotified_since",
        UtcDateTime,
        comment="the end of the first call after the last notification that only a sweep told us of",
    ),
    Column("unnotified_calls", Integer, comment="how many such calls there are since"),
    Column("unnotified_total", BigInteger, nullable=False, server_default="0"),
    Column("normal_silence", Double, comment="seconds that may pass between two calls"),
    Column(
        "not_understood_total",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="notifications with our client state that have no known form",
    ),
    Column("not_understood_at", UtcDateTime, comment="the last of them"),
    Column("not_understood_shape", String, comment="how it was written, without its content"),
    Column("record_form", String, comment="how Graph gives a record with its relations: app.graph.records.expand"),
    Column("record_form_at", UtcDateTime, comment="when Graph answered so"),
)


async def ensure_rows(db: AsyncConnection, tenants_wanted: Iterable[TenantId]) -> None:
    """Insert the rows that are missing; a second time changes nothing."""
    insert = upsert(tenants, db.dialect.name).on_conflict_do_nothing()
    await db.execute(insert, [{"tenant_id": tenant_id, "kept_total": 0} for tenant_id in sorted(tenants_wanted)])


async def tenant_ids(db: AsyncConnection) -> Sequence[TenantId]:
    """Every tenant that was ever configured: the archive may hold calls of each."""
    return (await db.execute(select(tenants.c.tenant_id))).scalars().all()


async def mark(db: AsyncConnection, tenant_id: TenantId, **values: Any) -> None:
    """Set columns of one tenant's row."""
    await db.execute(update(tenants).where(tenants.c.tenant_id == tenant_id).values(**values))


async def throttle_for(db: AsyncConnection, tenant_id: TenantId, pause: timedelta) -> None:
    """No requests for this tenant during ``pause``, by the database's clock; a shorter one never replaces a longer."""
    until = now(pause)
    shorter = or_(tenants.c.held_until.is_(None), tenants.c.held_until < until)
    await db.execute(update(tenants).where(tenants.c.tenant_id == tenant_id, shorter).values(held_until=until))


async def open_gap(db: AsyncConnection, tenant_id: TenantId, since: datetime) -> None:
    """Calls since then may not have been notified: reconciliation lists them. The earliest gap counts."""
    earlier = case((or_(tenants.c.gap_since.is_(None), tenants.c.gap_since > since), since), else_=tenants.c.gap_since)
    await db.execute(update(tenants).where(tenants.c.tenant_id == tenant_id).values(gap_since=earlier))


async def count_stored(db: AsyncConnection, counts: dict[TenantId, int], at: datetime) -> None:
    """Count records stored. Last in a transaction: the row is locked only for the commit."""
    await direct.run(db, counting_stored(db.dialect, counts, at))


_count_stored = (
    update(tenants)
    .where(tenants.c.tenant_id == bindparam("of_tenant"))
    .values(kept_at=bindparam("at"), kept_total=func.coalesce(tenants.c.kept_total, 0) + bindparam("stored"))
)


def counting_stored(dialect: Dialect, counts: dict[TenantId, int], at: datetime) -> Steps[None]:
    """The same as `count_stored`, as steps of the transaction that saves."""
    statement = direct.compiled(_count_stored, dialect)
    for tenant_id in sorted(counts):
        values = {"of_tenant": tenant_id, "at": at, "stored": counts[tenant_id]}
        yield Changing(statement, direct.bound(statement, values))


async def count_unnotified(
    db: AsyncConnection, tenant_id: TenantId, listening_since: datetime, ends: Sequence[datetime]
) -> None:
    """Count calls that only a sweep found, if they ended after ``listening_since``: Graph should have notified us.

    The silence begins with the first of them that ended after the last notification. Call it last in a transaction,
    like `count_stored`.
    """
    lost = [end for end in ends if end > listening_since]
    if not lost:
        return
    tenant = (await db.execute(select(tenants).where(tenants.c.tenant_id == tenant_id).with_for_update())).one()
    by_webhook = await webhook_marks.notified_at(db, tenant_id)
    notified_at = max(listening_since, tenant.notified_at or listening_since, by_webhook or listening_since)
    silent = [end for end in lost if end > notified_at]
    values: dict[str, Any] = {"unnotified_total": tenants.c.unnotified_total + len(lost)}
    if silent and tenant.unnotified_since is not None and tenant.unnotified_since > notified_at:
        values["unnotified_since"] = min(tenant.unnotified_since, *silent)
        values["unnotified_calls"] = tenants.c.unnotified_calls + len(silent)
    elif silent:
        values |= {"unnotified_since": min(silent), "unnotified_calls": len(silent)}
    await mark(db, tenant_id, **values)


async def complete_sweep(db: AsyncConnection, tenant_id: TenantId, at: datetime, gap_since: datetime | None) -> None:
    """The sweep read the complete list: close its gap, unless an earlier gap was opened meanwhile."""
    await mark(db, tenant_id, reconciled_at=at)
    if gap_since is not None:
        same = and_(tenants.c.tenant_id == tenant_id, tenants.c.gap_since == gap_since)
        await db.execute(update(tenants).where(same).values(gap_since=None))


async def find(db: AsyncConnection, tenant_id: TenantId) -> Any:
    """One tenant's row with the marks of the webhook, or None."""
    shared = webhook_marks.combined(tenants)
    columns = [column for column in tenants.columns if column.name not in shared]
    marks = webhook_marks.webhook_marks
    wanted = (
        select(*columns, *(column.label(name) for name, column in shared.items()))
        .outerjoin(marks, marks.c.tenant_id == tenants.c.tenant_id)
        .where(tenants.c.tenant_id == tenant_id)
    )
    return (await db.execute(wanted)).first()
