"""Rows of the PSTN and Direct Routing logs that were joined with one call."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows

MOST = 100  # of one call: an audio conference may have one for each person who dialled in

COLUMNS = (
    *("kind", "row_id", "start_at", "end_at", "talk_seconds", "call_type", "direction", "is_voice_app"),
    *("caller_number", "callee_number", "user_id", "user_display_name", "user_principal_name", "trunk"),
    *("successful_call", "final_sip_code", "final_sip_code_phrase", "call_end_sub_reason"),
    *("charge", "connection_charge", "currency", "destination_name", "operator", "license_capability", "join_method"),
)

r = call_log_rows.c


async def read(db: AsyncConnection, call_key: int) -> list[dict[str, Any]]:
    """In the order of their starts, at most a hundred."""
    wanted = select(*(r[name] for name in COLUMNS)).where(r.call_key == call_key).order_by(r.ordered_at, r.key)
    return [dict(row) for row in (await db.execute(wanted.limit(MOST))).mappings()]
