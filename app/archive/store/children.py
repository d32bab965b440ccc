"""Removes the typed rows below calls, and inserts them again."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.row import Row
from app.archive.schema.tables import CHILDREN, DETAIL
from app.db import direct
from app.db.direct import Rows, Steps


async def remove_children(db: AsyncConnection, keys: Sequence[int]) -> None:
    """Removes all typed rows below these calls; their own rows and documents stay."""
    for table in CHILDREN if keys else ():
        await db.execute(delete(table).where(table.c.call_key.in_(keys)))


async def remove_detail(db: AsyncConnection, keys: Sequence[int]) -> None:
    """Removes the rows of participants and sessions and of all below them."""
    for table in DETAIL if keys else ():
        await db.execute(delete(table).where(table.c.call_key.in_(keys)))


async def insert_detail(db: AsyncConnection, rows: Mapping[str, Sequence[Row]]) -> None:
    """Rows by the name of their table, with a value for each of its columns."""
    await direct.run(db, _inserting(rows))


def _inserting(rows: Mapping[str, Sequence[Row]]) -> Steps[None]:
    for table in DETAIL:
        yield Rows(table, rows[table.name])
