"""Requests to judge archived calls again by a rule set: the newest that is not finished is worked on."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, ColumnElement, Table, Text, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import call_records
from app.db import Key, UtcDateTime, metadata

reclassifications = Table(
    "reclassifications",
    metadata,
    Column("key", Key, primary_key=True),
    Column("rules", Text, nullable=False),
    Column("since", UtcDateTime),  # only calls that began at or after it; none: all
    Column("requested_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)

calls, requests = call_records.c, reclassifications.c


class Request(NamedTuple):
    key: int
    rules: str
    since: datetime | None

    def open_calls(self) -> ColumnElement[bool]:
        """The calls that are still to be judged by these rules."""
        others = or_(calls.quality_rules.is_(None), calls.quality_rules != self.rules)
        return others if self.since is None else others & (calls.ordered_at >= self.since)


async def add(db: AsyncConnection, rules: str, since: datetime | None, now: datetime) -> Request:
    """Store a request; it takes the place of those that are not finished."""
    await db.execute(update(reclassifications).where(requests.finished_at.is_(None)).values(finished_at=now))
    values = {"rules": rules, "since": since, "requested_at": now}
    key = await db.scalar(reclassifications.insert().values(values).returning(requests.key))
    assert key is not None
    return Request(key, rules, since)


async def current(db: AsyncConnection) -> Request | None:
    """The request that is to be worked on, if there is one."""
    wanted = select(requests.key, requests.rules, requests.since).where(requests.finished_at.is_(None))
    row = (await db.execute(wanted.order_by(requests.key.desc()).limit(1))).first()
    return None if row is None else Request(*row)


async def finish(db: AsyncConnection, request: Request, now: datetime) -> None:
    await db.execute(update(reclassifications).where(requests.key == request.key).values(finished_at=now))


async def count_open(db: AsyncConnection, request: Request) -> int:
    """How many calls are still to be judged."""
    return await db.scalar(select(func.count()).select_from(call_records).where(request.open_calls())) or 0
