"""The exported tables of Microsoft's PSTN and Direct Routing logs, each row with its archived call."""

from typing import Any

from sqlalchemy import Column, Text, select

from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.call_log_types import BOTH, CHARGES, DIRECT_ROUTING, DIRECT_ROUTING_ROW, MOMENTS, PSTN, PSTN_ROW
from app.archive.schema.microseconds import moment
from app.archive.schema.tables import call_records
from app.db import UtcDateTime
from app.export.dataset import Dataset
from app.export.sources import LOGS

r, c = call_log_rows.c, call_records.c

NAMES = {PSTN: "pstn_calls", DIRECT_ROUTING: "direct_routing_calls"}

_OURS = ("direction", "is_voice_app", "is_conference", "talk_seconds", "user_id")
_STORED = ("revision", "first_seen_at", "changed_at")
_START_AND_END = ("start_at", "end_at")


def _log(kind: str) -> Dataset:
    is_pstn = kind == PSTN
    moments = [field for field in MOMENTS if not is_pstn or field.column in _START_AND_END]
    fields = (*BOTH, *(PSTN_ROW if is_pstn else DIRECT_ROUTING_ROW), *(CHARGES if is_pstn else ()))
    columns = {
        "tenant_id": r.tenant_id,
        "id": Column("id", Text, comment=r.row_id.comment),
        "call_id": Column("call_id", Text, comment="the archived call that the row belongs to; null if there is none"),
        "join_method": Column("join_method", Text, comment="id or heuristic; null where call_id is null"),
        **{field.column: _moment(field.column.replace("_at", "_date_time"), field.property) for field in moments},
        **{name: r[name] for name in _OURS},
        **{field.column: r[field.column] for field in fields if field.column != "call_id"},
        **({"log_call_id": Column("log_call_id", Text, comment="Graph: `callId`")} if is_pstn else {}),
        **{name: r[name] for name in _STORED},
    }
    stored = {"id": r.row_id, "call_id": c.call_id, "log_call_id": r.call_id}
    joined = call_log_rows.outerjoin(call_records, c.key == r.call_key)
    rows = select(*(stored[name] if name in stored else r[name] for name in columns)).select_from(joined)
    first = list(columns).index(moments[0].column)
    times = slice(first, first + len(moments))

    def written(row: Any) -> tuple[Any, ...]:
        values = list(row)
        values[times] = [None if at is None else moment(at) for at in values[times]]
        return tuple(values)

    return Dataset(NAMES[kind], tuple(columns.values()), rows.order_by(r.key), written, source=LOGS[kind])


def _moment(name: str, property_of_graph: str) -> Column[Any]:
    return Column(name, UtcDateTime, comment=f"Graph: `{property_of_graph}`")


LOG_TABLES = tuple(_log(kind) for kind in LOGS)
