"""A call's row and the documents of all its versions: read to be rewritten, and written when they were."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.documents.codec import unpacked_size
from app.archive.schema.tables import call_records, documents

Call = dict[str, Any]
"""A row of call_records."""
Versions = dict[int, bytes]
"""version -> its packed document"""

d = documents.c


async def read(db: AsyncConnection, key: int, *, lock: bool = False) -> tuple[Call | None, Versions]:
    """The call with this key, locked until the transaction ends if so asked; None where the archive has none."""
    wanted = select(call_records).where(call_records.c.key == key)
    call = (await db.execute(wanted.with_for_update() if lock else wanted)).mappings().first()
    found = await db.execute(select(d.version, d.document).where(d.call_key == key))
    return None if call is None else dict(call), {row.version: row.document for row in found}


async def write(db: AsyncConnection, key: int, new: Mapping[int, bytes]) -> None:
    """These documents instead of those that the call has."""
    for version, document in new.items():
        values = {"document": document, "raw_bytes": await asyncio.to_thread(unpacked_size, document)}
        await db.execute(update(documents).where(d.call_key == key, d.version == version).values(**values))
