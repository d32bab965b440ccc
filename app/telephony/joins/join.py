"""Joins rows that are due with archived calls, some at a time. Below the edge, nothing commits.

A row is due when it is new or changed, and when a call was saved that it names or that is at its time: so both may come
first.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_changed_calls, call_log_rows
from app.archive.schema.call_log_types import PSTN
from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_records
from app.telephony.joins import candidates
from app.telephony.joins.heuristic import AROUND, HEURISTIC, ID, only

BATCH = 100

r, c, changed = call_log_rows.c, call_records.c, call_log_changed_calls.c

Join = tuple[int, str] | tuple[None, None]


async def make_due(db: AsyncConnection) -> int:
    """The rows of some calls that were saved are due again; how many calls that were."""
    some = (await db.execute(select(changed.key, changed.call_key).order_by(changed.key).limit(BATCH))).all()
    keys = sorted({row.call_key for row in some})
    wanted = select(c.tenant_id, c.call_id, c.start_date_time, c.end_date_time).where(c.key.in_(keys))
    calls = (await db.execute(wanted)).all() if keys else []
    due = update(call_log_rows).values(join_due=True)
    if keys:
        ids = [call.call_id for call in calls]
        await db.execute(due.where(or_(r.join_id.in_(ids), r.call_key.in_(keys))))
        await db.execute(delete(call_log_changed_calls).where(changed.key.in_([row.key for row in some])))
    near = [
        {
            "the_tenant": call.tenant_id,
            "since": microseconds(call.start_date_time) - AROUND,
            "until": microseconds(call.end_date_time or call.start_date_time) + AROUND,
        }
        for call in calls
        if call.start_date_time is not None
    ]
    if near:
        at_its_time = r.ordered_at.between(bindparam("since"), bindparam("until"))
        theirs = and_(r.tenant_id == bindparam("the_tenant"), r.kind == PSTN, at_its_time, r.join_id.is_(None))
        await db.execute(due.where(theirs), near)
    return len(some)


async def join_due(db: AsyncConnection) -> tuple[int, set[int]]:
    """Join some rows that are due: how many, and the keys of calls of which a row changed."""
    wanted = select(
        *(
            r[name]
            for name in ("key", "tenant_id", "kind", "join_id", "call_key", "join_method", "start_at", "user_id")
        ),
        *(r[f"{end}_{what}"] for end in ("caller", "callee") for what in ("digits", "hidden_digits")),
    )
    rows = (await db.execute(wanted.where(r.join_due).order_by(r.key).limit(BATCH))).all()
    if not rows:
        return 0, set()
    named = await _named(db, rows)
    touched: set[int] = set()
    for row in rows:
        call_key, method = await _join(db, row, named)
        touched |= {key for key in (row.call_key, call_key) if key is not None}
        values = {"join_due": False, "call_key": call_key, "join_method": method}
        await db.execute(update(call_log_rows).where(r.key == row.key).values(**values))
    return len(rows), touched


async def _named(db: AsyncConnection, rows: Sequence[Any]) -> dict[tuple[str, str], int]:
    """Archived calls that these rows name, by id and tenant."""
    names = sorted({(row.join_id, row.tenant_id) for row in rows if row.join_id})
    wanted = select(c.call_id, c.tenant_id, c.key).where(tuple_(c.call_id, c.tenant_id).in_(names))
    return {(call_id, tenant_id): key for call_id, tenant_id, key in await db.execute(wanted)} if names else {}


async def _join(db: AsyncConnection, row: Any, named: dict[tuple[str, str], int]) -> Join:
    if row.join_id:
        key = named.get((row.join_id, row.tenant_id))
        return (key, ID) if key is not None else (None, None)
    found = candidates.wanted(row) if row.kind == PSTN else None
    if found is None:
        return None, None
    key = only(found, await candidates.candidates(db, row.tenant_id, found))
    return (key, HEURISTIC) if key is not None else (None, None)
