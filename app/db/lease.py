"""Who does the work that only one replica may do at a time (renewal, reconciliation, retention): one row each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, String, Table, delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.db import Database, UtcDateTime, metadata, now, upsert

LENGTH = timedelta(minutes=1)
EXPIRED = timedelta(hours=1)

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)


@asynccontextmanager
async def hold(database: Database, name: str, holder: str, length: timedelta = LENGTH) -> AsyncIterator[bool]:
    """Whether the work called ``name`` is ours for the length of the block.

    The lease is extended while the block runs; if its process dies, it expires after ``length``.
    """
    if not await take(database, name, holder, length):
        yield False
        return
    prolonging = asyncio.create_task(_prolong(database, name, holder, length))
    try:
        yield True
    finally:
        prolonging.cancel()
        await asyncio.wait([prolonging])
        with suppress(OSError, SQLAlchemyError):  # the lease then expires
            await give_back(database, name, holder)


async def take(database: Database, name: str, holder: str, length: timedelta = LENGTH) -> bool:
    """Take or prolong the lease; False while another holds it."""
    insert = upsert(leases, database.dialect).values(name=name, holder=holder, until=now(length))
    free = or_(leases.c.until <= now(), leases.c.holder == holder)
    take_over = insert.on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "until": now(length)}, where=free
    )
    async with database.begin() as db:
        return (await db.execute(take_over.returning(leases.c.name))).first() is not None


async def join(database: Database, group: str, holder: str, length: timedelta = LENGTH) -> int:
    """Be one of the group's holders, who all have a lease at the same time; how many have one now."""
    await mark(database, group, holder, length)
    async with database.reading() as db:
        live = select(func.count()).select_from(leases).where(_of_group(group), leases.c.until > now())
        return await db.scalar(live) or 1


async def mark(database: Database, group: str, holder: str, length: timedelta = timedelta()) -> datetime:
    """Write the database's time plus ``length`` into the row of one holder of the group, and return it."""
    mine = upsert(leases, database.dialect).values(name=f"{group}/{holder}", holder=holder, until=now(length))
    mine = mine.on_conflict_do_update(index_elements=["name"], set_={"until": now(length)})
    async with database.begin() as db:
        until: datetime = (await db.execute(mine.returning(leases.c.until))).scalar_one()
    async with database.begin() as db:  # long expired: no process that prolongs its lease waits for this
        await db.execute(delete(leases).where(_of_group(group), leases.c.until < now(-EXPIRED)))
    return until


def _of_group(group: str) -> ColumnElement[bool]:
    return leases.c.name.startswith(f"{group}/", autoescape=True)


async def give_back(database: Database, name: str, holder: str) -> None:
    async with database.begin() as db:
        await db.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


async def _prolong(database: Database, name: str, holder: str, length: timedelta) -> None:
    mine = update(leases).where(leases.c.name == name, leases.c.holder == holder).values(until=now(length))
    while True:
        await asyncio.sleep(length.total_seconds() / 3)
        with suppress(OSError, SQLAlchemyError):
            async with database.begin() as db:
                await db.execute(mine)
