"""Removes IP and MAC addresses from the documents and rows of calls that are older than PLACE_RETENTION.

Sites and subnets stay: what was found for each end is stored apart, and is found there again when the call is saved
without addresses. A call that is still to be derived or to be matched with a changed list waits until that is done,
because without addresses it cannot be.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import erased_kinds
from app.archive.detail.erased_kinds import NO_KINDS, Kinds
from app.archive.documents.dictionaries import zstd
from app.archive.erasure import digests, erase_record, stored_versions
from app.archive.erasure.stored_versions import Call, Versions
from app.archive.parse.record import ParsedRecord
from app.archive.retention import addresses, reclaim_space
from app.archive.schema.derivation import DERIVATION
from app.archive.schema.tables import call_records
from app.archive.sites import changes
from app.archive.sites.current_sites import CurrentSites
from app.archive.store import people_index, record_store
from app.db import Database, lease
from app.observability import log

LEASE = "place_retention"
EVERY = timedelta(hours=1)
REST = 4  # times as long as a call took, so that the work takes at most a fifth of a core
SOME = 200  # keys read at once

c = call_records.c

_log = log.get(__name__)


class RemoveAddresses:
    """Does nothing if ``retention`` is None."""

    def __init__(
        self,
        database: Database,
        retention: timedelta | None,
        *,
        holder: str,
        every: timedelta = EVERY,
        rest_after_call: float = REST,
    ) -> None:
        self._database = database
        self._retention = retention
        self._holder = holder
        self._sites = CurrentSites()
        self._rest_after_call = rest_after_call
        self.every = every
        self.rest = 0.0  # it rests after each call

    async def once(self) -> int:
        """From how many calls addresses were removed; none where another process does it."""
        if self._retention is None:
            return 0
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            calls = await self._all(datetime.now(UTC) - self._retention) if is_ours else 0
            if calls:
                await reclaim_space.reuse(self._database, list(reclaim_space.PERSONAL))
                _log.info("addresses_removed", calls=calls)
        return calls

    def on_error(self, error: str, times: int) -> None:
        _log.error("place_retention_failed", error=error, times=times)

    async def _all(self, before: datetime) -> int:
        clock = asyncio.get_running_loop().time
        calls, last = 0, (datetime.min.replace(tzinfo=UTC), -1)
        while found := await self._some(before, last):
            for key, _ in found:
                begun = clock()
                calls += await self._remove(key)
                await asyncio.sleep(self._rest_after_call * (clock() - begun))
            last = (found[-1].ordered_at, found[-1].key)
        return calls

    async def _some(self, before: datetime, last: tuple[datetime, int]) -> Sequence[Any]:
        """Nothing while a changed list is still to be matched: that needs the addresses."""
        async with self._database.reading() as db:
            if await changes.unfinished(db) is not None:
                return []
            is_due = and_(c.ordered_at < before, c.addresses_removed_at.is_(None), c.derivation >= DERIVATION)
            wanted = select(c.key, c.ordered_at).where(is_due, tuple_(c.ordered_at, c.key) > last)
            return (await db.execute(wanted.order_by(c.ordered_at, c.key).limit(SOME))).all()

    async def _remove(self, key: int) -> bool:
        """In a transaction of its own, which begins after the slow work; False where the call was saved meanwhile."""
        async with self._database.reading() as db:
            call, versions = await stored_versions.read(db, key)
            kinds = (await erased_kinds.of_calls(db, [key])).get(key, NO_KINDS) if await digests.count(db) else NO_KINDS
        if call is None or call["addresses_removed_at"] is not None:
            return False
        try:
            new, record = await asyncio.to_thread(_without_addresses, call, versions, kinds)
        except (zstd.ZstdError, ValueError, LookupError):
            _log.error("document_unreadable", tenant_id=call["tenant_id"], call_id=call["call_id"])
            return False
        async with self._database.begin() as db:
            if await stored_versions.read(db, key, lock=True) != (call, versions):
                return False
            await self._save(db, key, new, record)
        return True

    async def _save(self, db: AsyncConnection, key: int, new: Versions, record: ParsedRecord) -> None:
        await stored_versions.write(db, key, new)
        await people_index.remove(db, [key])
        await record_store.save(db, [record], self._sites)


def _without_addresses(call: Call, versions: Versions, kinds: Kinds) -> tuple[Versions, ParsedRecord]:
    """The documents that change, and the record as the newest of them reads."""
    edited = {version: erase_record.edited_frames(packed, addresses.edits) for version, packed in versions.items()}
    new = {version: packed for version, packed in edited.items() if packed is not None}
    now = datetime.now(UTC)
    current = new.get(call["version"], versions[call["version"]])
    old = erase_record.from_document(call | {"addresses_removed_at": now}, current)
    record = erase_record.rebuilt(old, current, None, kinds)
    record.stored_at = record.row["stored_at"] = now  # the next export writes it again
    return new, record
