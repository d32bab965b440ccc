"""Saves call records: never an older version over a newer one, never a document lost.

Nothing here commits: a record, its rows and its document become current together, when the caller's transaction
ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import Insert, Select, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from app.archive.daily import changed_days
from app.archive.parse.record import ParsedRecord
from app.archive.parse.row import Row
from app.archive.schema.tables import CHILDREN, call_records, documents
from app.archive.store import people_index
from app.archive.store.children import remove_children
from app.db import upsert
from app.db.bulk import insert_rows
from app.ids import CallId, TenantId

TenantCall = tuple[TenantId, CallId]


class StoredVersion(NamedTuple):
    version: int
    complete: bool


class CurrentRow(NamedTuple):
    key: int
    revision: int


async def save(db: AsyncConnection, records: Sequence[ParsedRecord]) -> set[TenantCall]:
    """Saves all, and returns the calls whose rows are now current: not those of which the archive has a newer version.

    A version replaces a lower one; the same version replaces what is no more complete than itself. Every
    version's document is stored. Saving twice changes nothing but the revision.
    """
    newest = _newest(records)
    rows = await _put(db, list(newest.values()))
    replaced = [call.key for call in rows.values() if call.revision > 1]
    await remove_children(db, replaced)
    await people_index.take_out(db, replaced)
    await changed_days.remove(db, replaced)
    current = [(rows[call].key, record) for call, record in newest.items() if call in rows]
    for table in CHILDREN:
        await insert_rows(db, table, _children(table.name, current))
    await people_index.add(db, [(key, record.row["ordered_at"], record.people) for key, record in current])
    await changed_days.add(db, [(key, record.row["ordered_at"], record.counts) for key, record in current])
    await _put_documents(db, current, replace=True)
    await _put_documents(db, await _refused(db, records, current), replace=False)
    return set(rows)


async def stored_versions(
    db: AsyncConnection, tenant_id: TenantId, call_ids: Iterable[CallId]
) -> dict[CallId, StoredVersion]:
    """What the archive has of these calls, by call id."""
    wanted = sorted(set(call_ids))
    found = await db.execute(
        select(call_records.c.call_id, call_records.c.version, call_records.c.complete).where(
            call_records.c.tenant_id == tenant_id, call_records.c.call_id.in_(wanted)
        )
    )
    return {call_id: StoredVersion(version, complete) for call_id, version, complete in found}


def _newest(records: Sequence[ParsedRecord]) -> dict[TenantCall, ParsedRecord]:
    """One record for each call, in one order everywhere: two batches can never wait for each other."""
    best: dict[TenantCall, ParsedRecord] = {}
    for record in sorted(records, key=_rank):
        best[record.tenant_id, record.call_id] = record
    return dict(sorted(best.items()))


def _rank(record: ParsedRecord) -> tuple[int, bool, int]:
    return record.version, record.complete, record.row["session_count"]


async def _put(db: AsyncConnection, records: list[ParsedRecord]) -> dict[TenantCall, CurrentRow]:
    """Inserts or replaces; only rows that are now current come back, so they are matched by their ids."""
    if not records:
        return {}
    found = await db.execute(_guarded(db.dialect.name), [record.row for record in records])
    return {(tenant_id, call_id): CurrentRow(key, revision) for tenant_id, call_id, key, revision in found}


@cache
def _guarded(dialect: str) -> ReturningInsert[TenantId, CallId, int, int]:
    """An upsert that refuses an older version, whatever other process writes meanwhile."""
    statement = upsert(call_records, dialect)
    new = statement.excluded
    replaced = {
        column.name: new[column.name]
        for column in call_records.columns
        if column.name not in {"key", "tenant_id", "call_id", "first_stored_at"}
    }
    as_complete = and_(new.complete >= call_records.c.complete, new.session_count >= call_records.c.session_count)
    return statement.on_conflict_do_update(
        index_elements=[call_records.c.call_id, call_records.c.tenant_id],
        set_={**replaced, "revision": call_records.c.revision + 1, "derived_revision": call_records.c.revision + 1},
        where=or_(new.version > call_records.c.version, and_(new.version == call_records.c.version, as_complete)),
    ).returning(call_records.c.tenant_id, call_records.c.call_id, call_records.c.key, call_records.c.revision)


def _children(table: str, records: list[tuple[int, ParsedRecord]]) -> Iterator[Row]:
    return ((key, *row) for key, record in records for row in record.children[table])


async def _refused(
    db: AsyncConnection, records: Sequence[ParsedRecord], current: list[tuple[int, ParsedRecord]]
) -> list[tuple[int, ParsedRecord]]:
    """The records that did not become current, with the keys of their calls."""
    used = {id(record) for _, record in current}
    refused = [record for record in records if id(record) not in used]
    if not refused:
        return []
    keys = {(tenant_id, call_id): key for tenant_id, call_id, key in await db.execute(_keys(refused))}
    return [(keys[record.tenant_id, record.call_id], record) for record in refused]


def _keys(records: list[ParsedRecord]) -> Select[TenantId, CallId, int]:
    calls = {(record.call_id, record.tenant_id) for record in records}
    return select(call_records.c.tenant_id, call_records.c.call_id, call_records.c.key).where(
        tuple_(call_records.c.call_id, call_records.c.tenant_id).in_(calls)
    )


async def _put_documents(db: AsyncConnection, records: list[tuple[int, ParsedRecord]], *, replace: bool) -> None:
    """Stores the documents; one of the same version is replaced only by a record that is current."""
    if records:
        statement = _document_upsert(db.dialect.name, replace=replace)
        await db.execute(statement, [_document(key, record) for key, record in records])


@cache
def _document_upsert(dialect: str, *, replace: bool) -> Insert:
    statement = upsert(documents, dialect)
    if not replace:
        return statement.on_conflict_do_nothing()
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[documents.c.call_key, documents.c.version],
        set_={"document": new.document, "raw_bytes": new.raw_bytes, "stored_at": new.stored_at},
    )


def _document(key: int, record: ParsedRecord) -> dict[str, object]:
    return {
        "call_key": key,
        "version": record.version,
        "document": record.document,
        "raw_bytes": record.raw_bytes,
        "stored_at": record.stored_at,
    }
