"""The dearest and the longest calls of a range."""

from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.tables import call_records
from app.telephony.queries.log_filters import LogFilters

r, c = call_log_rows.c, call_records.c

_SHOWN: tuple[Any, ...] = (
    r.ordered_at,
    r.user_display_name,
    r.caller_number,
    r.callee_number,
    r.talk_seconds,
    r.destination_name,
    r.currency,
    r.charge,
    r.connection_charge,
    c.call_id,
)
_AMOUNT = func.coalesce(r.charge_millionths, 0) + func.coalesce(r.connection_charge_millionths, 0)


async def dearest(db: AsyncConnection, filters: LogFilters, most: int) -> list[RowMapping]:
    """Of each currency the first ones: amounts of two currencies cannot be compared."""
    position = func.row_number().over(partition_by=r.currency, order_by=(_AMOUNT.desc(), r.key.desc()))
    ranked = select(r.key, position.label("position")).where(*filters.conditions(), _AMOUNT > 0).subquery()
    keys = select(ranked.c.key).where(ranked.c.position <= most)
    return await _rows(db, keys, r.currency, _AMOUNT.desc())


async def longest(db: AsyncConnection, filters: LogFilters, most: int) -> list[RowMapping]:
    keys = (
        select(r.key)
        .where(*filters.conditions(), r.talk_seconds.is_not(None))
        .order_by(r.talk_seconds.desc(), r.key.desc())
        .limit(most)
    )
    return await _rows(db, keys, r.talk_seconds.desc())


async def _rows(db: AsyncConnection, keys: Any, *order: Any) -> list[RowMapping]:
    joined = call_log_rows.outerjoin(call_records, c.key == r.call_key)
    wanted = select(*_SHOWN).select_from(joined).where(r.key.in_(keys)).order_by(*order, r.key)
    return list((await db.execute(wanted)).mappings())
