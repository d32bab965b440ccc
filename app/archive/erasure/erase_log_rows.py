"""Erases a person from the stored rows of the PSTN and Direct Routing logs, and from their earlier contents."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.documents import codec, exact_json
from app.archive.erasure import log_rows, mentions
from app.archive.erasure.digests import Erased
from app.archive.erasure.traces import Traces
from app.archive.parse.call_logs.row import LogRow, parsed
from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from app.db import Database

BATCH = 500  # documents that are read at once

r, v = call_log_rows.c, call_log_row_versions.c


@dataclass(slots=True)
class Found:
    """What one look at every row found: the keys of rows that mention the person, and by what else it is known."""

    traces: Traces = field(default_factory=Traces)
    keys: set[int] = field(default_factory=set)


async def search(database: Database, erased: Erased, traces: Traces) -> Found:
    """In current and earlier contents."""
    forms = {form for text in traces.everything() for form in mentions.forms(text)}
    found = Found()
    async for batch in _contents(database):
        await asyncio.to_thread(_look, batch, forms, erased, found)
    return found


async def rewrite(
    database: Database, keys: Sequence[int], erased: Erased, person: str, traces: Traces, *, dry_run: bool
) -> Counter[str]:
    """How many rows of each table had the person. Commits after each row: run again, nothing is missed."""
    counts: Counter[str] = Counter()
    for key in keys:
        async with database.begin() as db:
            counts += await _rewrite(db, key, erased, {person: traces}, dry_run=dry_run)
    return counts


async def _rewrite(
    db: AsyncConnection, key: int, erased: Erased, known: dict[str, Traces], *, dry_run: bool
) -> Counter[str]:
    counts: Counter[str] = Counter()
    now = datetime.now(UTC)
    current = select(r.tenant_id, r.kind, r.row_id, r.document).where(r.key == key).with_for_update()
    row = (await db.execute(current)).first()
    if row is None:
        return counts
    if new := _new(row, row.document, erased, known, now):
        counts["call_log_rows"] += 1
        if not dry_run:
            values = {name: value for name, value in new.columns.items() if name != "ordered_at"}
            values["changed_at"] = now  # so that an export writes its day again
            await db.execute(update(call_log_rows).where(r.key == key).values(**values))
    earlier = select(v.revision, v.document).where(v.row_key == key)
    for version in (await db.execute(earlier)).all():
        if old := _new(row, version.document, erased, known, now):
            counts["call_log_row_versions"] += 1
            names = ("document", "raw_bytes", "content_hash")
            this = update(call_log_row_versions).where(v.row_key == key, v.revision == version.revision)
            if not dry_run:
                await db.execute(this.values(**{name: old.columns[name] for name in names}))
    return counts


def _new(row: Any, document: bytes, erased: Erased, known: dict[str, Traces], now: datetime) -> LogRow | None:
    """The row without the person; None where this content has nothing of them."""
    before = _log_row(row, document, now)
    after = log_rows.without(before, erased, now, known)
    return None if after is before else after


def _log_row(row: Any, document: bytes, now: datetime) -> LogRow:
    found = parsed(row.tenant_id, row.kind, exact_json.loads(codec.unpack(document)), now)
    assert found is not None  # it was small enough when it was stored
    return found._replace(row_id=row.row_id)


async def _contents(database: Database) -> AsyncIterator[Sequence[Any]]:
    """All current contents, then all earlier ones."""
    columns = (r.key, r.tenant_id, r.kind, r.row_id)
    current = select(*columns, r.document, r.revision).order_by(r.key)
    earlier = select(*columns, v.document, v.revision).join(call_log_row_versions, v.row_key == r.key)
    earlier = earlier.order_by(v.row_key, v.revision)
    for wanted, place in ((current, tuple_(r.key, r.revision)), (earlier, tuple_(v.row_key, v.revision))):
        last = (-1, -1)
        while True:
            async with database.reading() as db:
                batch: Sequence[Any] = (await db.execute(wanted.where(place > last).limit(BATCH))).all()
            if not batch:
                break
            yield batch
            last = batch[-1].key, batch[-1].revision


def _look(batch: Sequence[Any], forms: set[str], erased: Erased, found: Found) -> None:
    now = datetime.now(UTC)
    for row in batch:
        raw = codec.unpack(row.document)
        if any(form in text for text in mentions.plain(raw) for form in forms):
            judge = log_rows.judge_of(_log_row(row, row.document, now), erased)
            _, traces = log_rows.traces_of(exact_json.loads(raw), judge)
            found.traces |= traces
            found.keys.add(row.key)
