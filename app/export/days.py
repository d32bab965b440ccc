"""The days of the archive, and by what one sees that a day is not as it was: pure but for one question.

Every save counts a call's revision up and sets its stored_at; a call that went (retention, another day) is missing
in the count. So no clock is trusted, and no overlap is needed. Rows of logs likewise, by their revision and their call.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.export.sources import Source

AT_ONCE = {"call_records": 200, "call_log_rows": 2000}  # rows, by table
STREAMS = 20_000  # whose rows are in memory at once; one call may have more


class State(NamedTuple):
    """What a day was like."""

    calls: int  # or rows of a log
    revisions: int
    stored_until: datetime


async def states(
    db: AsyncConnection,
    source: Source,
    tenant: str | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, State]:
    """Each day on which something began (2026-01-31, UTC), and its state.

    With ``since`` and ``until`` only days of which something was stored in that time.
    """
    touched = func.sum(case((_stored_between(source, since, until), 1), else_=0))
    wanted = select(source.day, *_state(source)).where(source.of_tenant(tenant))
    rows = await db.execute(wanted.group_by(source.day).having(touched > 0).order_by(source.day))
    return {source.named(day): State(calls, int(sums), stored_until) for day, calls, sums, stored_until in rows}


async def keys(db: AsyncConnection, source: Source, day: str, tenant: str | None = None) -> AsyncIterator[list[int]]:
    """The keys of what began on the day, some at a time."""
    after = -1
    of_day = and_(source.begun_on(day), source.of_tenant(tenant))
    while True:
        wanted = select(source.key, source.streams.label("streams")).where(of_day, source.key > after)
        rows = (await db.execute(wanted.order_by(source.key).limit(AT_ONCE[source.table.name]))).all()
        if not rows:
            return
        some: list[int] = []
        streams = 0
        for row in rows:
            if some and streams + row.streams > STREAMS:
                break
            some.append(row.key)
            streams += row.streams
        yield some
        after = some[-1]


async def state(db: AsyncConnection, source: Source, day: str, tenant: str | None = None) -> State | None:
    """The same of one day; None where nothing is left of it."""
    wanted = select(*_state(source)).where(source.begun_on(day), source.of_tenant(tenant))
    calls, sums, stored_until = (await db.execute(wanted)).one()
    return State(calls, int(sums), stored_until) if calls else None


def _state(source: Source) -> list[ColumnElement[Any]]:
    return [func.count(), func.sum(source.revision), func.max(source.stored_at)]


def _stored_between(source: Source, since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    after = true() if since is None else source.stored_at >= since
    return and_(after, true() if until is None else source.stored_at < until)
