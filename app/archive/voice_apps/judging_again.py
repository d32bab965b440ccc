"""Marks calls whose outcome may be another one now: the derivation in the background judges them again.

A mark says that what is derived is of an earlier revision of the call: see archive.upgrade.derive.
"""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.tables import call_records

NEVER = 0  # no revision of a call

c = call_records.c


async def mark(db: AsyncConnection, keys: Collection[int]) -> None:
    """In the transaction of what changed: a row of a log that was joined, joined elsewhere, or changed."""
    await db.execute(update(call_records).where(c.key.in_(sorted(keys))).values(derived_revision=NEVER))


async def mark_logged(db: AsyncConnection, keys: Collection[int]) -> None:
    """Those of these calls that a row of a log is joined with: a new version was saved without it."""
    logged = select(call_log_rows.c.call_key).where(call_log_rows.c.call_key.in_(sorted(keys))).distinct()
    if found := (await db.scalars(logged)).all():
        await mark(db, [key for key in found if key is not None])
