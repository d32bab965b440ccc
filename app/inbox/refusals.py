"""Tenants of which Graph refuses every record: they wait, and are checked again at growing intervals.

The cause is the permission, not the records. So the rows stay due, and the first record that is stored ends the wait.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Integer, String, Table, Text, case, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, direct, metadata, now, upsert
from app.db.direct import Selecting, Steps
from app.ids import TenantId
from app.inbox.model import DUE, FAILED, inbox
from app.inbox.tenant_state import tenants

# Between two checks. The first is short, because a storm may be over in seconds.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600, 900))

refusals = Table(
    "tenant_refusals",
    metadata,
    Column("tenant_id", String, primary_key=True),
    Column("since", UtcDateTime, nullable=False, comment="Graph refuses every record of the tenant since then"),
    Column("check_at", UtcDateTime, nullable=False, comment="no record is requested before"),
    Column("checks", Integer, nullable=False, comment="how often it was refused again"),
    Column("stored_total", BigInteger, nullable=False, comment="records of the tenant stored before"),
    Column("reason", Text, nullable=False, comment="what Graph answered"),
)


async def wait(db: AsyncConnection, tenant_id: TenantId, reason: str) -> None:
    """The tenant waits; one that is checked after its wait waits longer. After the inbox in a transaction."""
    stored = select(tenants.c.kept_total).where(tenants.c.tenant_id == tenant_id).scalar_subquery()
    row = {"tenant_id": tenant_id, "since": now(), "check_at": now(PAUSES[0]), "checks": 0, "reason": reason}
    insert = upsert(refusals, db.dialect.name).values(row | {"stored_total": stored})
    steps = [(refusals.c.checks == number, now(pause)) for number, pause in enumerate(PAUSES[1:])]
    again = {
        "checks": refusals.c.checks + 1,
        "check_at": case(*steps, else_=now(PAUSES[-1])),
        "reason": insert.excluded.reason,
    }
    # Requests that were under way together are one check.
    over = refusals.c.check_at <= now()
    await db.execute(insert.on_conflict_do_update(index_elements=["tenant_id"], set_=again, where=over))


async def end(db: AsyncConnection, tenant_ids: Iterable[TenantId]) -> int:
    """A record was stored: make the rows due that were refused since the one before, and return their number."""
    made_due = 0
    for tenant_id in sorted(tenant_ids):
        before = select(refusals.c.stored_total).where(refusals.c.tenant_id == tenant_id).scalar_subquery()
        refused = (inbox.c.tenant_id == tenant_id) & (inbox.c.state == FAILED) & (inbox.c.stored_when_refused >= before)
        result = await db.execute(update(inbox).where(refused).values(state=DUE, due_at=now(), claimed_by=None))
        made_due += result.rowcount
        await db.execute(delete(refusals).where(refusals.c.tenant_id == tenant_id))
    return made_due


def waiting(dialect: Dialect, tenant_ids: Collection[TenantId]) -> Steps[Sequence[TenantId]]:
    """Those of these tenants that wait or are checked: nearly always none."""
    found = yield Selecting(direct.compiled(select(refusals.c.tenant_id), dialect), ())
    return [tenant_id for (tenant_id,) in found if tenant_id in tenant_ids]


async def find(db: AsyncConnection, tenant_id: TenantId) -> Any:
    """The tenant's refusal, or None."""
    return (await db.execute(select(refusals).where(refusals.c.tenant_id == tenant_id))).first()
