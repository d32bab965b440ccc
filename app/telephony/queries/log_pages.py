"""Pages of log rows, newest first, each row with the archived call that it was joined with."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, literal, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.call_log_types import BOTH, CHARGES, DIRECT_ROUTING, DIRECT_ROUTING_ROW, MOMENTS, PSTN_ROW
from app.archive.schema.microseconds import moment
from app.archive.schema.tables import call_records
from app.telephony.queries.log_filters import LogFilters

r, c = call_log_rows.c, call_records.c

_OURS = ("direction", "is_voice_app", "is_conference", "talk_seconds", "user_id")
_MOMENTS = {"start_at": "start", "invite_at": "invite", "failure_at": "failure", "end_at": "end"}
_CHARGES = tuple(field.column for field in CHARGES)
_RENAMED = {"call_id": "log_call_id", "row_id": "id"}  # call_id is the archived call's


class LogPosition(NamedTuple):
    ordered_at: int
    key: int


class LogPage(NamedTuple):
    items: list[dict[str, Any]]
    next: LogPosition | None
    """Where the next page begins, if there is one."""


async def page(db: AsyncConnection, filters: LogFilters, limit: int, after: LogPosition | None = None) -> LogPage:
    """Of one kind. Continuing from ``next`` neither skips nor repeats a row, whatever is saved meanwhile."""
    (kind,) = filters.kinds
    keys = await _keys(db, filters, limit + 1, after)
    shown = keys[:limit]
    rows = await db.execute(_with_calls(kind, [key for _, key in shown]))
    items = {row["key"]: _item(dict(row)) for row in rows.mappings()}
    return LogPage([items[key] for _, key in shown], LogPosition(*shown[-1]) if len(keys) > limit else None)


async def _keys(
    db: AsyncConnection, filters: LogFilters, limit: int, after: LogPosition | None
) -> Sequence[tuple[int, int]]:
    wanted = select(r.ordered_at, r.key).where(*filters.conditions())
    if after is not None:
        wanted = wanted.where(tuple_(r.ordered_at, r.key) < tuple_(literal(after.ordered_at), literal(after.key)))
    ends = filters.ends()
    if not ends:
        found = await db.execute(_newest(wanted, r.ordered_at, r.key, limit))
    else:  # each of its own, because no index answers all of them in order
        parts = [_newest(wanted.where(end), r.ordered_at, r.key, limit).subquery() for end in ends]
        all_of_them = union(*(select(part.c.ordered_at, part.c.key) for part in parts)).subquery()
        merged = select(all_of_them.c.ordered_at, all_of_them.c.key)
        found = await db.execute(_newest(merged, all_of_them.c.ordered_at, all_of_them.c.key, limit))
    return [(at, key) for at, key in found]


def _newest(wanted: Select[Any], at: ColumnElement[int], key: ColumnElement[int], limit: int) -> Select[Any]:
    return wanted.order_by(at.desc(), key.desc()).limit(limit)


def _with_calls(kind: str, keys: Sequence[int]) -> Select[Any]:
    fields = (*BOTH, *(DIRECT_ROUTING_ROW if kind == DIRECT_ROUTING else PSTN_ROW))
    moments = [r.start_at, r.end_at, *([r.invite_at, r.failure_at] if kind == DIRECT_ROUTING else [])]
    own = [r[name] for name in (*_OURS, *(field.column for field in fields))]
    charges = [] if kind == DIRECT_ROUTING else [r[name] for name in _CHARGES]
    joined = call_log_rows.outerjoin(call_records, c.key == r.call_key)
    call = c.call_id.label("archived_call_id")
    columns = (r.key, r.row_id, r.tenant_id, *moments, *own, *charges, r.revision, r.join_method, call)
    return select(*columns).select_from(joined).where(r.key.in_(keys))


def _item(row: dict[str, Any]) -> dict[str, Any]:
    call_id, method = row.pop("archived_call_id"), row.pop("join_method")
    del row["key"]
    shown = {str(_RENAMED.get(name) or _MOMENTS.get(name) or name): _value(name, value) for name, value in row.items()}
    return shown | {"join": method if call_id else None, "call_id": call_id}


def _value(name: str, value: Any) -> Any:
    return moment(value) if name in _MOMENTS and value is not None else value


assert {field.column for field in MOMENTS} == set(_MOMENTS)
