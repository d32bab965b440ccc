"""Removes the typed rows below calls."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.tables import CHILDREN


async def remove_children(db: AsyncConnection, keys: Sequence[int]) -> None:
    """Removes all typed rows below these calls; their own rows and documents stay."""
    for table in CHILDREN if keys else ():
        await db.execute(delete(table).where(table.c.call_key.in_(keys)))
