"""What the webhook remembers of each tenant, in rows that no other part writes.

A transaction of a worker can hold the row of `tenants`, for as long as it takes a server to notice that the worker's
machine has vanished. No notification waits for that.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, String, Table, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, metadata, upsert
from app.ids import TenantId

webhook_marks = Table(
    "webhook_marks",
    metadata,
    Column("tenant_id", String, primary_key=True),
    Column("notified_at", UtcDateTime, comment="the last notification stored"),
    Column(
        "not_understood_total",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="notifications with our client state that have no known form",
    ),
    Column("not_understood_at", UtcDateTime, comment="the last of them"),
    Column("not_understood_shape", String, comment="how it was written, without its content"),
)

NotUnderstood = tuple[TenantId, str, str]
"""tenant, reason, shape"""


async def mark_notified(db: AsyncConnection, tenant_ids: Iterable[TenantId], at: datetime) -> None:
    """The last notification of these tenants came at that time. One statement."""
    rows = [{"tenant_id": tenant_id, "notified_at": at} for tenant_id in sorted(tenant_ids)]
    insert = upsert(webhook_marks, db.dialect.name).values(rows)
    later = insert.on_conflict_do_update(
        index_elements=["tenant_id"], set_={"notified_at": insert.excluded.notified_at}
    )
    await db.execute(later)


async def count_not_understood(db: AsyncConnection, items: Counter[NotUnderstood], at: datetime) -> None:
    """Count notifications of Graph's own that have no known form, and store how the last one was written."""
    for (tenant_id, _, shape), count in sorted(items.items()):
        values = {"not_understood_at": at, "not_understood_shape": shape}
        insert = upsert(webhook_marks, db.dialect.name).values(
            tenant_id=tenant_id, not_understood_total=count, **values
        )
        total = webhook_marks.c.not_understood_total + count
        counted = insert.on_conflict_do_update(
            index_elements=["tenant_id"], set_=values | {"not_understood_total": total}
        )
        await db.execute(counted)


async def notified_at(db: AsyncConnection, tenant_id: TenantId) -> datetime | None:
    """When the tenant was last notified."""
    wanted = select(webhook_marks.c.notified_at).where(webhook_marks.c.tenant_id == tenant_id)
    found: datetime | None = await db.scalar(wanted)
    return found


def combined(tenants: Table) -> dict[str, ColumnElement[Any]]:
    """Both tables as one: versions before 0016 wrote these columns of `tenants`, and may still run."""
    old, new = tenants.c, webhook_marks.c
    newer = case((old.not_understood_at.is_(None), new.not_understood_shape), else_=old.not_understood_shape)
    return {
        "notified_at": _later(old.notified_at, new.notified_at),
        "not_understood_total": old.not_understood_total + func.coalesce(new.not_understood_total, 0),
        "not_understood_at": _later(old.not_understood_at, new.not_understood_at),
        "not_understood_shape": case(
            (new.not_understood_at > old.not_understood_at, new.not_understood_shape), else_=newer
        ),
    }


def _later(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one.is_(None), other), (other > one, other), else_=one)
