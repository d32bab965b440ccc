"""Marks calls whose outcome may be another one now: the derivation in the background judges them again.

A mark says that what is derived is of an earlier revision of the call: see archive.upgrade.derive.
"""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.outcomes import evidence
from app.archive.schema.tables import call_records
from app.archive.voice_apps import log_evidence

NEVER = 0  # no revision of a call

c = call_records.c


async def mark(db: AsyncConnection, keys: Collection[int]) -> None:
    await db.execute(update(call_records).where(c.key.in_(sorted(keys))).values(derived_revision=NEVER))


async def mark_changed(db: AsyncConnection, keys: Collection[int]) -> None:
    """Those of these calls that were judged with other rows of logs than are joined with them now.

    In the transaction that joined a row, changed it or took it away. Saving a call may have its rows joined again, so
    a call whose rows say the same as before must not be saved again.
    """
    if not keys:
        return
    rows = await log_evidence.of_calls(db, keys)
    judged = await db.execute(select(c.key, c.outcome_rows).where(c.key.in_(sorted(keys))))
    changed = [key for key, digest in judged if digest != evidence.digest(rows.get(key, ()))]
    if changed:
        await mark(db, changed)
