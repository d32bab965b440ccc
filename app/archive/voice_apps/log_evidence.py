"""What the joined rows of the PSTN and Direct Routing logs say of calls, for their outcomes."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.outcomes.evidence import LogEvidence
from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.microseconds import moment

MOST = 500  # rows of one call that are read

r = call_log_rows.c


async def of_calls(db: AsyncConnection, keys: Collection[int]) -> Mapping[int, Sequence[LogEvidence]]:
    """By the key of the call; calls without a joined row are not in it."""
    found: dict[int, list[LogEvidence]] = {}
    columns = (r.kind, r.call_type, r.successful_call, r.final_sip_code, r.call_end_sub_reason, r.duration, r.start_at)
    wanted = select(r.call_key, r.join_method, *columns).where(r.call_key.in_(keys)).order_by(r.ordered_at, r.key)
    for call_key, method, kind, call_type, success, code, sub_reason, duration, start in await db.execute(wanted):
        rows = found.setdefault(call_key, [])
        if len(rows) < MOST:
            rows.append(
                LogEvidence(
                    kind=kind,
                    call_type=call_type,
                    success=success,
                    final_sip_code=code,
                    sub_reason=sub_reason,
                    duration=duration,
                    start=None if start is None else moment(start),
                    is_certain=method == "id",
                )
            )
    return found
