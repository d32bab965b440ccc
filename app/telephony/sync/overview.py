"""How far each log of a tenant is copied, for people and monitors. Reads only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows, call_log_states
from app.archive.schema.call_log_types import KINDS
from app.ids import TenantId
from app.telephony.sync import planning, progress
from app.telephony.sync.progress import State

Verdict = Literal["never_read", "read", "failing", "not_permitted"]

r, s = call_log_rows.c, call_log_states.c


@dataclass(frozen=True, slots=True)
class LogState:
    """Of one log of a tenant. ``error`` is that of the last attempt, if it failed."""

    tenant_id: TenantId
    kind: str
    state: Verdict
    read_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The same with its days and rows, which take longer to count."""

    log: LogState
    days_read: int
    days_missing: int
    rows: int
    joined_by_id: int
    joined_by_heuristic: int


async def states(db: AsyncConnection, tenant_id: TenantId) -> list[LogState]:
    """Of the logs that were ever asked for."""
    rows = await db.execute(select(call_log_states).where(s.tenant_id == tenant_id).order_by(s.kind))
    return [_state(tenant_id, row.kind, State(row.read_at, row.refused_at, row.failed_at, row.error)) for row in rows]


async def overview(
    db: AsyncConnection, tenant_ids: Sequence[TenantId], now: datetime, retention: timedelta | None
) -> list[Overview]:
    """Of both logs of these tenants."""
    rows = await _rows(db)
    found = []
    for tenant_id in tenant_ids:
        for kind in KINDS:
            log = _state(tenant_id, kind, await progress.state(db, tenant_id, kind))
            known = await progress.days(db, tenant_id, kind)
            wanted = list(planning.days(planning.reach(kind, now, retention), now))
            read = sum(day.read_at is not None for day in known.values())
            missing = sum(day not in known or known[day].read_at is None for day in wanted)
            counts = {method: rows[tenant_id, kind, method] for method in ("id", "heuristic", None)}
            found.append(Overview(log, read, missing, sum(counts.values()), counts["id"], counts["heuristic"]))
    return found


def as_json(log: LogState) -> dict[str, Any]:
    names = ("kind", "state", "read_at", "failed_at", "error")
    return {name: getattr(log, name) for name in names}


def _state(tenant_id: TenantId, kind: str, state: State) -> LogState:
    verdict: Verdict = "read" if state.read_at else "never_read"
    if state.failed_at:
        verdict = "failing"
    if state.refused_at:
        verdict = "not_permitted"
    return LogState(tenant_id, kind, verdict, state.read_at, state.failed_at, state.error)


async def _rows(db: AsyncConnection) -> Counter[tuple[str, str, str | None]]:
    counted = select(r.tenant_id, r.kind, r.join_method, func.count()).group_by(r.tenant_id, r.kind, r.join_method)
    return Counter({(row[0], row[1], row[2]): row[3] for row in await db.execute(counted)})
