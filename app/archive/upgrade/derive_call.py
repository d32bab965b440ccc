"""Derives one archived call again from its document, and saves it. Graph is not asked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app import memory
from app.archive.detail import erased_kinds
from app.archive.detail.erased_kinds import NO_KINDS, Kinds
from app.archive.documents.dictionaries import zstd
from app.archive.erasure import digests
from app.archive.erasure.digests import Erased
from app.archive.erasure.erase_record import derived, without
from app.archive.parse.quality_rules import RuleSet, named
from app.archive.parse.record import ParsedRecord
from app.archive.schema.derivation import DERIVATION
from app.archive.schema.tables import call_records, documents
from app.archive.sites.current_sites import CurrentSites
from app.archive.store import people_index, record_store
from app.db import Database
from app.observability import log

InThread = Callable[..., Awaitable[Any]]
"""Calls a function with these arguments outside the event loop."""

LARGE = 256 * 1024  # bytes of a packed document, after which free memory is given back

_log = log.get(__name__)

calls = call_records.c


async def some_keys(database: Database, condition: ColumnElement[bool], after: int, most: int) -> Sequence[int]:
    """The lowest keys above ``after`` of calls that the condition holds for."""
    async with database.reading() as db:
        wanted = select(calls.key).where(condition, calls.key > after).order_by(calls.key).limit(most)
        return (await db.execute(wanted)).scalars().all()


async def anew(
    database: Database,
    key: int,
    condition: ColumnElement[bool],
    rules: RuleSet | None = None,
    *,
    in_thread: InThread = asyncio.to_thread,
    sites: CurrentSites | None = None,
) -> bool:
    """Derive a call again if the condition holds for it; its streams are judged by ``rules``, or by those before.

    False where the call was removed or saved meanwhile. It has its own transaction, which starts after the slow work.
    """
    while True:
        async with database.reading() as db:
            erased, call = await digests.read(db), await _read(db, key, condition)
            kinds = (await erased_kinds.of_calls(db, [key])).get(key, NO_KINDS) if erased else NO_KINDS
        if call is None:
            return False
        record: ParsedRecord | None = await in_thread(
            _derived, call, erased, kinds, rules or named(call["quality_rules"])
        )
        async with database.begin() as db:
            if not await _is_as_it_was(db, call, condition):
                return False
            is_done = await digests.count(db) == erased.count
            if is_done:
                await _save(db, call, record, sites)
        if is_done:
            is_derived = record is not None
            if len(call["document"] or b"") > LARGE:
                del call, record
                memory.give_back()
            return is_derived


async def _read(db: AsyncConnection, key: int, condition: ColumnElement[bool]) -> dict[str, Any] | None:
    """The row of a call with the document of its version."""
    current = (documents.c.call_key == calls.key) & (documents.c.version == calls.version)
    wanted = select(call_records, documents.c.document).outerjoin(documents, current).where(calls.key == key, condition)
    call = (await db.execute(wanted)).mappings().first()
    return None if call is None else dict(call)


def _derived(call: dict[str, Any], erased: Erased, kinds: Kinds, rules: RuleSet) -> ParsedRecord | None:
    """The record without people who were erased meanwhile; None where the document is missing or cannot be read."""
    try:
        packed = call["document"] or b""
        return without(derived(call, packed, rules, kinds), erased)
    except (zstd.ZstdError, ValueError, LookupError):
        _log.error("document_unreadable", tenant_id=call["tenant_id"], call_id=call["call_id"])
        return None


async def _is_as_it_was(db: AsyncConnection, call: dict[str, Any], condition: ColumnElement[bool]) -> bool:
    """Whether the call was neither saved nor removed since; nor can it be until the transaction ends."""
    wanted = select(calls.revision).where(calls.key == call["key"], condition).with_for_update()
    return bool(await db.scalar(wanted) == call["revision"])


async def _save(
    db: AsyncConnection, call: dict[str, Any], record: ParsedRecord | None, sites: CurrentSites | None
) -> None:
    if record is None:  # otherwise each pass would find it again
        marked = update(call_records).where(calls.key == call["key"])
        revision = await (sites or CurrentSites()).revision(db)
        values = {"derivation": DERIVATION, "derived_revision": calls.revision, "sites_revision": revision}
        await db.execute(marked.values(values))
        return
    record.stored_at = record.row["stored_at"] = datetime.now(UTC)  # the next export writes it again
    await people_index.remove(db, [call["key"]])  # and the people who are in no other call
    await record_store.save(db, [record], sites)
    await people_index.describe(db, record.people)
