"""A call's row and the documents of all its versions: read to be rewritten, and written when they were."""

import asyncio
from collections.abc import Mapping, Sequence
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


async def read_all(db: AsyncConnection, keys: Sequence[int]) -> dict[int, tuple[Call, Versions]]:
    """The calls with these keys that are there, and their documents."""
    rows = (await db.execute(select(call_records).where(call_records.c.key.in_(keys)))).mappings()
    found: dict[int, tuple[Call, Versions]] = {row["key"]: (dict(row), {}) for row in rows}
    for key, version, document in await db.execute(
        select(d.call_key, d.version, d.document).where(d.call_key.in_(keys))
    ):
        if key in found:
            found[key][1][version] = document
    return found


async def lock(db: AsyncConnection, keys: Sequence[int]) -> dict[int, tuple[int, frozenset[int]]]:
    """Lock these calls until the transaction ends; of each its revision, and the versions that have a document.

    Without those that another transaction has locked: it may lock them in another order.
    """
    rows = select(call_records.c.key, call_records.c.revision).where(call_records.c.key.in_(keys))
    rows = rows.order_by(call_records.c.key).with_for_update(skip_locked=True)
    revisions = {row.key: row.revision for row in await db.execute(rows)}
    versions: dict[int, set[int]] = {key: set() for key in revisions}
    for key, version in await db.execute(select(d.call_key, d.version).where(d.call_key.in_(sorted(versions)))):
        versions[key].add(version)
    return {key: (revision, frozenset(versions[key])) for key, revision in revisions.items()}


async def write(db: AsyncConnection, key: int, new: Mapping[int, bytes]) -> None:
    """These documents instead of those that the call has."""
    for version, document in new.items():
        values = {"document": document, "raw_bytes": await asyncio.to_thread(unpacked_size, document)}
        await db.execute(update(documents).where(d.call_key == key, d.version == version).values(**values))
