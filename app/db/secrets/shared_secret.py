"""Random secrets that all processes of one database share: the first request for a name creates its secret."""

import os

from sqlalchemy import Column, LargeBinary, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database, metadata, upsert

LENGTH = 32  # bytes

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)


async def get_or_create(database: Database, name: str) -> bytes:
    """The secret of this name; writes only where there is none yet."""
    async with database.reading() as db:
        found = await find(db, name)
    if found is None:
        async with database.begin() as db:
            found = await get_or_create_within(db, name)
    return found


async def get_or_create_within(db: AsyncConnection, name: str) -> bytes:
    """The secret of this name, in the caller's transaction; two processes at once get the same one."""
    found = await find(db, name)
    if found is None:
        new = upsert(secrets, db.dialect.name).values(name=name, value=os.urandom(LENGTH))
        await db.execute(new.on_conflict_do_nothing())
        found = await find(db, name)
    assert found is not None
    return found


async def find(db: AsyncConnection, name: str) -> bytes | None:
    """The secret of this name; None where there is none yet."""
    value: bytes | None = await db.scalar(select(secrets.c.value).where(secrets.c.name == name))
    return value
