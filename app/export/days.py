"""The days of the archive, and by what one sees that a day is not as it was: pure but for one question.

Every save counts a call's revision up and sets its stored_at; a call that went (retention, another day) is missing
in the count. So no clock is trusted, and no overlap is needed.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import call_records
from app.db import day_of

c = call_records.c

LAST = timedelta(days=1) - timedelta(microseconds=1)  # of a day; there is no day after 9999-12-31
CALLS, STREAMS = 200, 20_000  # whose rows are in memory at once; one call may have more streams


class State(NamedTuple):
    """What a day was like."""

    calls: int
    revisions: int
    stored_until: datetime


async def states(
    db: AsyncConnection, *, since: datetime | None = None, until: datetime | None = None
) -> dict[str, State]:
    """Each day on which a call began (2026-01-31, UTC), and its state.

    With ``since`` and ``until`` only days of which a call was stored in that time.
    """
    touched = func.sum(case((_stored_between(since, until), 1), else_=0))
    day = day_of(c.ordered_at)
    wanted = select(day, func.count(), func.sum(c.revision), func.max(c.stored_at)).group_by(day).having(touched > 0)
    rows = await db.execute(wanted.order_by(day))
    return {day: State(calls, int(revisions), stored_until) for day, calls, revisions, stored_until in rows}


async def keys(db: AsyncConnection, day: str) -> AsyncIterator[list[int]]:
    """The keys of the day's calls, some at a time."""
    after = -1
    while True:
        wanted = select(c.key, c.stream_count).where(_begun_on(day), c.key > after).order_by(c.key).limit(CALLS)
        rows = (await db.execute(wanted)).all()
        if not rows:
            return
        some: list[int] = []
        streams = 0
        for row in rows:
            if some and streams + row.stream_count > STREAMS:
                break
            some.append(row.key)
            streams += row.stream_count
        yield some
        after = some[-1]


async def state(db: AsyncConnection, day: str) -> State | None:
    """The same of one day; None where no call is left of it."""
    wanted = select(func.count(), func.sum(c.revision), func.max(c.stored_at)).where(_begun_on(day))
    calls, revisions, stored_until = (await db.execute(wanted)).one()
    return State(calls, int(revisions), stored_until) if calls else None


def _begun_on(day: str) -> ColumnElement[bool]:
    begin = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return and_(c.ordered_at >= begin, c.ordered_at <= begin + LAST)


def _stored_between(since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    after = true() if since is None else c.stored_at >= since
    return and_(after, true() if until is None else c.stored_at < until)
