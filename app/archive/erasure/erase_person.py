"""Erases one person from the archive: first they are no longer saved, then their calls are searched and rewritten.

Every version's document is searched, because a person can be in it where no column is. What only mentions the
person is rewritten before what identifies them: broken off and run again, nothing is missed.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, tuple_

from app.archive.daily import count_job
from app.archive.documents.codec import unpack
from app.archive.erasure import digests, erase_call, erase_document, erase_log_rows, mentions, other_tables
from app.archive.erasure.digests import Erased, Known
from app.archive.erasure.judge import Judge
from app.archive.erasure.traces import Traces
from app.archive.parse.identities import identifiers
from app.archive.schema.tables import call_records, documents
from app.archive.store import people_index
from app.db import Database

BATCH, BATCH_BYTES = 100, 16_000_000  # documents read at once, and bytes of their text

Progress = Callable[[str, int, int], None]
"""what is being done, how much of it, of how much"""

Elsewhere = Callable[..., Awaitable[int]]
"""(db, the person's ids in their normal form, *, dry_run) -> rows: erases a person from a table of another folder"""


@dataclass(slots=True)
class Report:
    """What was touched: counts, no names."""

    calls: int = 0
    rows: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Found:
    """What one look at every document found."""

    traces: Traces = field(default_factory=Traces)
    identified: set[int] = field(default_factory=set)
    mentioned: set[int] = field(default_factory=set)


async def erase(
    database: Database,
    user_id: str,
    *,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
    elsewhere: Mapping[str, Elsewhere] = MappingProxyType({}),
) -> Report:
    """Take out the person with this object id, principal name or telephone number, however it is written.

    Doing it twice does no harm. ``elsewhere`` are further tables by name.

    With ``dry_run`` only the report is made.
    """
    user_id = identifiers.normal(user_id)
    person, traces = await _person(database, user_id), Traces({user_id})
    while True:
        erased = await _remembered(database, person, traces, dry_run=dry_run)
        found = await _search(database, erased, traces, progress)
        in_logs = await erase_log_rows.search(database, erased, traces)
        if found.traces | in_logs.traces | traces == traces:
            break
        traces |= found.traces | in_logs.traces
    keys = [*sorted(found.mentioned), *sorted(found.identified)]
    report = Report()
    report.rows.update(
        await erase_log_rows.rewrite(database, sorted(in_logs.keys), erased, person, traces, dry_run=dry_run)
    )
    for number, key in enumerate(keys, 1):
        counts = await erase_call.rewrite(database, key, erased, user_id, traces, dry_run=dry_run)
        report.calls += bool(counts)
        report.rows.update(counts)
        progress("rewriting", number, len(keys))
    if not dry_run:
        await people_index.remove_idle(database)  # an earlier version of a call may have had the person
        # The person's devices and networks are values there.
        await count_job.settle(database, holder=f"erase-{person}")
    report.rows.update(await other_tables.in_the_audit(database, erased, user_id, traces, dry_run=dry_run))
    report.rows.update(await other_tables.in_the_directory(database, user_id, traces, dry_run=dry_run))
    ids = {form for text in traces.ids for form in identifiers.contained(text)}
    for table, remove in elsewhere.items():
        async with database.begin() as db:
            if count := await remove(db, ids, dry_run=dry_run):
                report.rows[table] += count
    return report


async def _person(database: Database, user_id: str) -> str:
    """Random; for a person who was erased by another id or address, the pseudonym of then."""
    async with database.reading() as db:
        stored = await digests.read(db)
    return stored.mentioned(user_id) or stored.person(user_id, None) or uuid4().hex


async def _remembered(database: Database, person: str, traces: Traces, *, dry_run: bool) -> Erased:
    """All who are erased, this person among them."""
    known = Known(traces.ids, traces.principal_names, traces.names)
    if dry_run:
        async with database.reading() as db:
            stored = await digests.read(db)
        return (stored or Erased(os.urandom(32))).also(person, known)
    async with database.begin() as db:
        await digests.remember(db, person, known, datetime.now(UTC))
    async with database.reading() as db:
        return await digests.read(db)


async def _search(database: Database, erased: Erased, traces: Traces, progress: Progress) -> Found:
    """Who mentions the person, who identifies it, and by what else it is known there."""
    forms = {form for text in traces.everything() for form in mentions.forms(text)}
    found, seen = Found(), 0
    async with database.reading() as db:
        total = await db.scalar(select(func.count()).select_from(documents)) or 0
    async for batch in _documents(database):
        await asyncio.to_thread(_look, batch, forms, erased, found)
        seen += len(batch)
        progress("searching", seen, total)
    found.mentioned -= found.identified
    return found


async def _documents(database: Database) -> AsyncIterator[Sequence[Any]]:
    place = tuple_(documents.c.call_key, documents.c.version)
    last = (-1, -1)
    while True:
        async with database.reading() as db:
            sizes = select(documents.c.call_key, documents.c.version, documents.c.raw_bytes).where(place > last)
            end = _end_of_batch(
                (await db.execute(sizes.order_by(documents.c.call_key, documents.c.version).limit(BATCH))).all()
            )
            if end is None:
                return
            wanted = (
                select(
                    documents.c.call_key,
                    documents.c.version,
                    documents.c.document,
                    call_records.c.tenant_id,
                    call_records.c.call_id,
                )
                .join(call_records, call_records.c.key == documents.c.call_key)
                .where(place > last, place <= end)
                .order_by(documents.c.call_key, documents.c.version)
            )
            batch = (await db.execute(wanted)).all()
        yield batch
        last = end


def _end_of_batch(rows: Sequence[Any]) -> tuple[int, int] | None:
    """The place of the last document that is read with the first one; None where there is none."""
    end, size = None, 0
    for row in rows:
        size += row.raw_bytes
        if end is not None and size > BATCH_BYTES:
            break
        end = row.call_key, row.version
    return end


def _look(batch: Sequence[Any], forms: set[str], erased: Erased, found: Found) -> None:
    for row in batch:
        raw = unpack(row.document)
        if any(form in text for text in mentions.plain(raw) for form in forms):
            traces = erase_document.traces(raw, Judge(erased, row.tenant_id, row.call_id))
            found.traces |= traces
            (found.identified if traces != Traces() else found.mentioned).add(row.call_key)
