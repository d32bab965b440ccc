"""Whether the database stores anything: writes a few kilobytes, commits them and deletes them again."""

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

from sqlalchemy import Column, LargeBinary, String, Table, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.types import metadata

# A few hundred notifications need this many bytes. They are random, because PostgreSQL compresses.
SIZE = 64 * 1024

write_probes = Table(
    "write_probes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("filler", LargeBinary, nullable=False, comment="random bytes, deleted at once"),
)


async def write(begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
    """In two transactions; raises the database's error. A full disk is often noticed only by the commit."""
    name = uuid4().hex
    async with begin() as db:
        await db.execute(write_probes.insert().values(id=name, filler=os.urandom(SIZE)))
    async with begin() as db:
        await db.execute(delete(write_probes).where(write_probes.c.id == name))
