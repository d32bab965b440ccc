"""What the poor streams of some calls were due to."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import streams

s = streams.c


async def reasons(db: AsyncConnection, call_keys: Sequence[int]) -> dict[int, list[str]]:
    """Graph's names of the metrics by call key, in order; of calls without detail rows nothing is known here."""
    wanted = select(s.call_key, s.poor_due_to).where(s.call_key.in_(call_keys), s.quality == "poor").distinct()
    found: dict[int, set[str]] = {}
    for key, due_to in await db.execute(wanted):
        found.setdefault(key, set()).update(filter(None, (due_to or "").split(",")))
    return {key: sorted(metrics) for key, metrics in found.items()}
