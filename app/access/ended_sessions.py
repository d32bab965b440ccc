"""Sessions that were ended by a sign-out: stored for as long as their cookies would still be valid."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access.tables import ended_sessions
from app.db import upsert

c = ended_sessions.c


async def end(db: AsyncConnection, number: str, now: datetime, lifetime: int) -> None:
    """Ends it; those whose ``lifetime`` (seconds) is over are forgotten."""
    ended = upsert(ended_sessions, db.dialect.name).values(number=number, ended_at=now)
    await db.execute(ended.on_conflict_do_nothing())
    await db.execute(delete(ended_sessions).where(c.ended_at < now - timedelta(seconds=lifetime)))


async def has_ended(db: AsyncConnection, number: str) -> bool:
    return await db.scalar(select(c.number).where(c.number == number)) is not None
