"""Finds the records of Graph's list that are missing in the archive, hundreds in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import BigInteger, String, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import call_records
from app.db import JsonRows
from app.graph.client import Listed
from app.ids import TenantId
from app.inbox.model import inbox


@dataclass(frozen=True, slots=True)
class Missing:
    """A listed record that is not stored in that version; ``is_new``: neither archive nor inbox has the call."""

    listed: Listed
    is_new: bool


async def missing(db: AsyncConnection, tenant_id: TenantId, listed: Sequence[Listed]) -> list[Missing]:
    """Records that are not in the archive, or only in a lower version.

    Records that are stored incomplete do not count as missing: their inbox rows fetch them again.
    """
    by_id = {one.id: one for one in sorted(listed, key=lambda one: one.version)}
    rows = JsonRows(db.dialect.name)
    call_id, version = rows.column(0, String()), rows.column(1, BigInteger())
    stored = and_(call_records.c.call_id == call_id, call_records.c.tenant_id == bindparam("tenant"))
    waiting = and_(inbox.c.call_id == call_id, inbox.c.tenant_id == bindparam("tenant"))
    wanted = (
        select(call_id.label("call_id"), and_(call_records.c.key.is_(None), inbox.c.call_id.is_(None)).label("is_new"))
        .select_from(rows.table.outerjoin(call_records, stored).outerjoin(inbox, waiting))
        .where(or_(call_records.c.key.is_(None), call_records.c.version < version))
    )
    pairs = orjson.dumps([[key, one.version] for key, one in by_id.items()]).decode()
    found = await db.execute(wanted, {"rows": pairs, "tenant": tenant_id})
    return [Missing(by_id[row.call_id], bool(row.is_new)) for row in found]
