"""Saves anew the calls that an older program saved beside this schema, with what that program does not derive.

Found by the marks that every program of this age leaves (see derivation): such a call has none, or one of the
revision that the older program replaced. What is saved comes from the document in the archive; Graph is not asked.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.documents.dictionaries import zstd
from app.archive.erasure import digests
from app.archive.erasure.digests import Erased
from app.archive.erasure.erase_record import from_document, rebuilt, without
from app.archive.parse.record import KeptRecord
from app.archive.schema.derivation import DERIVATION
from app.archive.schema.tables import call_records, documents, underived
from app.archive.store import people_index, record_store
from app.db import Database, lease
from app.observability import log

EVERY = timedelta(minutes=1)
REST = 4  # times as long as a call took, so that the work never takes more than a fifth of a core
SOME = 500  # keys asked for at once

_log = log.get(__name__)

c, d = call_records.c, documents.c


class Derive:
    """Derives anew what older programs left."""

    def __init__(self, database: Database, *, holder: str, every: timedelta = EVERY) -> None:
        self._database = database
        self._holder = holder
        self._every = every

    async def run(self) -> None:
        """For ever; nothing that the database does ends it."""
        while True:
            try:
                await self.once()
            except (SQLAlchemyError, OSError) as error:
                _log.error("derivation_failed", error=type(error).__name__)
            await asyncio.sleep(self._every.total_seconds())

    async def once(self) -> int:
        """How many calls were saved anew; none where there are none, or another process is at it."""
        if not await _some(self._database, 0, 1):
            return 0
        async with lease.hold(self._database, "derive", self._holder) as ours:
            calls = await self._all() if ours else 0
        if calls:
            _log.info("derived", calls=calls)
        return calls

    async def _all(self) -> int:
        clock = asyncio.get_running_loop().time
        calls, last = 0, 0
        while keys := await _some(self._database, last, SOME):
            for key in keys:
                begun = clock()
                calls += await _anew(self._database, key)
                await asyncio.sleep(REST * (clock() - begun))
            last = keys[-1]
        return calls


async def _some(database: Database, after: int, most: int) -> Sequence[int]:
    async with database.reading() as db:
        return (
            (await db.execute(select(c.key).where(underived, c.key > after).order_by(c.key).limit(most)))
            .scalars()
            .all()
        )


async def _anew(database: Database, key: int) -> bool:
    """False where the call went, or was saved meanwhile. Its own transaction; what is slow happens before it begins."""
    while True:
        async with database.reading() as db:
            erased, call = await digests.read(db), await _read(db, key)
        if call is None:
            return False
        record = await asyncio.to_thread(_derived, call, erased)
        async with database.begin() as db:
            if not await _is_as_it_was(db, call):
                return False
            if await digests.count(db) == erased.count:
                await _save(db, call, record)
                return record is not None


async def _read(db: AsyncConnection, key: int) -> dict[str, Any] | None:
    """The row of a call that is still to be derived, with the document in force."""
    in_force = (d.call_key == c.key) & (d.version == c.version)
    wanted = select(call_records, d.document).outerjoin(documents, in_force).where(c.key == key, underived)
    call = (await db.execute(wanted)).mappings().first()
    return None if call is None else dict(call)


def _derived(call: dict[str, Any], erased: Erased) -> KeptRecord | None:
    """The record without whom the older program did not know to be erased; None where the document tells nothing."""
    try:
        packed = call["document"] or b""
        return without(rebuilt(from_document(call, packed), packed), erased)
    except (zstd.ZstdError, ValueError, LookupError):
        _log.error("document_unreadable", tenant_id=call["tenant_id"], call_id=call["call_id"])
        return None


async def _is_as_it_was(db: AsyncConnection, call: dict[str, Any]) -> bool:
    """Whether nobody saved or removed the call since; nobody will until the transaction ends."""
    wanted = select(c.revision).where(c.key == call["key"], underived).with_for_update()
    return bool(await db.scalar(wanted) == call["revision"])


async def _save(db: AsyncConnection, call: dict[str, Any], record: KeptRecord | None) -> None:
    if record is None:  # it would be found again and again
        marked = update(call_records).where(c.key == call["key"])
        await db.execute(marked.values(derivation=DERIVATION, derived_revision=c.revision))
        return
    record.stored_at = record.row["stored_at"] = datetime.now(UTC)  # the next export writes it again
    await people_index.remove(db, [call["key"]])  # with the people whom no other call has
    await record_store.save(db, [record])
