"""How far each day of a log is read, and whether the log may be read at all, as stored. Below the edge, no commits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_states, call_log_windows
from app.archive.schema.microseconds import microseconds, moment
from app.db import upsert
from app.ids import TenantId
from app.telephony.sync.planning import DayRead

w, s = call_log_windows.c, call_log_states.c


@dataclass(frozen=True, slots=True)
class State:
    """Of one log of a tenant; times are None where that did not happen, or not since the last success."""

    read_at: datetime | None = None
    refused_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None


async def days(db: AsyncConnection, tenant_id: TenantId, kind: str) -> dict[date, DayRead]:
    """Every day of the log that was read or begun."""
    wanted = select(call_log_windows).where(w.tenant_id == tenant_id, w.kind == kind)
    return {date.fromisoformat(row.day): _day(row) for row in await db.execute(wanted)}


async def save_day(db: AsyncConnection, tenant_id: TenantId, kind: str, day: date, read: DayRead) -> None:
    values: dict[str, Any] = read._asdict() | {
        "reached_at": None if read.reached_at is None else microseconds(read.reached_at)
    }
    key = {"tenant_id": tenant_id, "kind": kind, "day": day.isoformat()}
    statement = upsert(call_log_windows, db.dialect.name).values(**key, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


async def state(db: AsyncConnection, tenant_id: TenantId, kind: str) -> State:
    wanted = select(call_log_states).where(s.tenant_id == tenant_id, s.kind == kind)
    row = (await db.execute(wanted)).first()
    return State(row.read_at, row.refused_at, row.failed_at, row.error) if row else State()


async def save_state(db: AsyncConnection, tenant_id: TenantId, kind: str, **values: Any) -> None:
    """``values``: the columns that change."""
    key = {"tenant_id": tenant_id, "kind": kind}
    statement = upsert(call_log_states, db.dialect.name).values(**key, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def _day(row: Any) -> DayRead:
    reached = None if row.reached_at is None else moment(row.reached_at)
    return DayRead(row.step_seconds, reached, row.rows_so_far, row.row_count, row.read_at)
