"""The stored directory: replaced by a file, listed, and without erased people. Below the edge, nothing commits."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.daily.departments import days
from app.archive.directory.file import Entry
from app.archive.erasure import digests
from app.archive.schema.directory_table import ALWAYS, directory
from app.ids import TenantId

CHUNK = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

d = directory.c


class Imported(NamedTuple):
    """How many rows there are now, how many there were, and how many were left out because the person was erased."""

    rows: int
    before: int
    erased: int


async def replace(db: AsyncConnection, tenant_id: TenantId, entries: Sequence[Entry], now: datetime) -> Imported:
    """The directory of this tenant is what the file says."""
    erased = await digests.read(db)
    mine = [entry for entry in entries if not erased.mentioned(entry.user_principal_name)]
    before = await db.scalar(select(func.count()).select_from(directory).where(d.tenant_id == tenant_id)) or 0
    await db.execute(delete(directory).where(d.tenant_id == tenant_id))
    await days.directory_changed(db, now)
    for start in range(0, len(mine), CHUNK):
        rows = [
            {name: value for name, value in entry._asdict().items() if name != "line"}
            | {"tenant_id": tenant_id, "imported_at": now}
            for entry in mine[start : start + CHUNK]
        ]
        await db.execute(insert(directory), rows)
    return Imported(len(mine), before, len(entries) - len(mine))


async def listed(db: AsyncConnection, tenants: Sequence[TenantId] | None = None) -> list[dict[str, Any]]:
    """Every row, by tenant and address; dates as in the file."""
    wanted = select(directory).order_by(d.tenant_id, d.user_principal_name, d.valid_from)
    rows = await db.execute(wanted if tenants is None else wanted.where(d.tenant_id.in_(tenants)))
    return [
        {name: row[name] for name in ("user_principal_name", "department", "cost_center", "site")}
        | {
            "valid_from": None if row["valid_from"] == ALWAYS[0] else _day(row["valid_from"]),
            "valid_to": None if row["valid_until"] == ALWAYS[1] else _day(row["valid_until"] - 1),
            "tenant_id": row["tenant_id"],
        }
        for row in rows.mappings()
    ]


def _day(at: int) -> str:
    return f"{_EPOCH + timedelta(microseconds=at):%Y-%m-%d}"
