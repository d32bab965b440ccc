"""Saves call records: never an older version over a newer one, never a document lost.

Nothing here commits: a record, its rows and its document become current together, when the caller's transaction
ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import Dialect, Insert, Select, and_, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from app.archive.daily import changes
from app.archive.outcomes.facts import APP_KINDS
from app.archive.outcomes.stored import STEPS
from app.archive.parse.record import ParsedRecord
from app.archive.parse.row import Row
from app.archive.schema.tables import CHILDREN, DETAIL, call_records, documents
from app.archive.sites import stored_places
from app.archive.sites.current_sites import CurrentSites
from app.archive.store import log_joins, people_index
from app.archive.store.children import remove_children
from app.archive.voice_apps import judging_again, log_evidence
from app.archive.voice_apps import store as voice_app_store
from app.archive.voice_apps.current_apps import CurrentApps
from app.db import direct, upsert
from app.db.direct import Returning, Rows, Steps
from app.ids import CallId, TenantId

TenantCall = tuple[TenantId, CallId]


class StoredVersion(NamedTuple):
    version: int
    complete: bool


class CurrentRow(NamedTuple):
    key: int
    revision: int


class Begun(NamedTuple):
    """What `begin` did: the records that are now current, with the keys of their calls."""

    current: list[tuple[int, ParsedRecord]]
    replaced: list[int]
    """Keys of calls with older rows, which must be removed before those of ``current`` are saved."""


async def save(
    db: AsyncConnection, records: Sequence[ParsedRecord], sites: CurrentSites | None = None
) -> set[TenantCall]:
    """Matches all with the sites of now, judges how they ended, and saves them.

    Returns the calls whose rows are now current: not those of which the archive has a newer version.

    A version replaces a lower one; the same version replaces what is no more complete than itself. Every
    version's document is stored. Saving twice changes nothing but the revision.
    ``sites`` remembers what they are matched with from one batch to the next.
    """
    records = await stored_places.located(db, records, sites or CurrentSites())
    records = await _judged(db, records)
    return await _complete(db, records, await direct.run(db, begin(db.dialect, records)))


def begin(dialect: Dialect, records: Sequence[ParsedRecord]) -> Steps[Begun]:
    """Steps of the caller's transaction that save records of new calls completely: nearly all are new. Call
    `complete` after them in any case. The records must have their sites and outcomes: see `save`.
    """
    newest = _newest(records)
    kept = yield from _put(dialect, list(newest.values()))
    current = [(kept[call].key, record) for call, record in newest.items() if call in kept]
    replaced = [call.key for call in kept.values() if call.revision > 1]
    if not replaced:
        yield from _below(dialect, current)
    return Begun(current, replaced)


async def complete(db: AsyncConnection, records: Sequence[ParsedRecord], begun: Begun) -> set[TenantCall]:
    """What is left to save of the records after `begin`, in the same transaction; returns what `save` returns.

    They were judged without the rows of logs: what has such is judged again in the background.
    """
    stored = await _complete(db, records, begun)
    if begun.replaced:
        await judging_again.mark_changed(db, begun.replaced)
    return stored


async def _judged(db: AsyncConnection, records: Sequence[ParsedRecord]) -> list[ParsedRecord]:
    """With their outcomes, by their own words and by the rows of logs that are joined with them."""
    apps = await CurrentApps().read(db)
    keys = {(tenant_id, call_id): key for tenant_id, call_id, key in await db.execute(_keys(records))}
    rows = await log_evidence.of_calls(db, keys.values()) if keys else {}
    by_call = {call: rows.get(key, ()) for call, key in keys.items()}
    return [await apps.judged(record, by_call.get((record.tenant_id, record.call_id), ())) for record in records]


async def _complete(db: AsyncConnection, records: Sequence[ParsedRecord], begun: Begun) -> set[TenantCall]:
    current, replaced = begun
    if replaced:
        await remove_children(db, replaced)
        await people_index.take_out(db, replaced)
        await changes.remove(db, replaced)
        await direct.run(db, _below(db.dialect, current))
    if refused := await _refused(db, records, current):
        await direct.run(db, _put_documents(db.dialect, refused, replace=False))
    return {(record.tenant_id, record.call_id) for _, record in current}


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


def _put(dialect: Dialect, records: list[ParsedRecord]) -> Steps[dict[TenantCall, CurrentRow]]:
    """Inserts or replaces; only rows that are now current come back, so they are matched by their ids."""
    statement = direct.compiled(_guarded(dialect.name), dialect, _OF_A_CALL)
    found = yield Returning(statement, [direct.bound(statement, record.row) for record in records])
    return {(tenant_id, call_id): CurrentRow(key, revision) for tenant_id, call_id, key, revision in found}


def _below(dialect: Dialect, current: list[tuple[int, ParsedRecord]]) -> Steps[None]:
    """Everything under the calls' own rows."""
    with_detail = [(key, record) for key, record in current if record.row["has_detail"]]
    for table in CHILDREN:
        yield Rows(table, _children(table.name, with_detail if table in DETAIL else current))
    yield from voice_app_store.learning(dialect, _accounts(current))
    yield from people_index.adding(dialect, [(key, record.row["ordered_at"], record.people) for key, record in current])
    yield from changes.adding(dialect, [(key, record.row, record.counts) for key, record in current])
    yield from _put_documents(dialect, current, replace=True)
    yield from log_joins.noting(dialect, [key for key, _ in current])


def _accounts(current: list[tuple[int, ParsedRecord]]) -> Iterator[tuple[TenantId, str, str | None, str]]:
    """The resource accounts that these records name."""
    for _, record in current:
        for _, kind, object_id, name, *_ in record.children[STEPS]:
            if object_id and kind in APP_KINDS:
                yield record.tenant_id, object_id, name, kind


_OF_A_CALL = tuple(column.name for column in call_records.columns if column.name != "key")


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
        set_={
            **replaced,
            "revision": call_records.c.revision + literal_column("1"),
            "derived_revision": call_records.c.revision + literal_column("1"),
        },
        where=or_(new.version > call_records.c.version, and_(new.version == call_records.c.version, as_complete)),
    ).returning(call_records.c.tenant_id, call_records.c.call_id, call_records.c.key, call_records.c.revision)


def _children(table: str, records: list[tuple[int, ParsedRecord]]) -> list[Row]:
    return [(key, *row) for key, record in records for row in record.children[table]]


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


def _keys(records: Sequence[ParsedRecord]) -> Select[TenantId, CallId, int]:
    calls = {(record.call_id, record.tenant_id) for record in records}
    return select(call_records.c.tenant_id, call_records.c.call_id, call_records.c.key).where(
        tuple_(call_records.c.call_id, call_records.c.tenant_id).in_(calls)
    )


def _put_documents(dialect: Dialect, records: list[tuple[int, ParsedRecord]], *, replace: bool) -> Steps[None]:
    """Stores the documents; one of the same version is replaced only by a record that is current."""
    statement = direct.compiled(_document_upsert(dialect.name, replace=replace), dialect)
    yield Returning(statement, [direct.bound(statement, _document(key, record)) for key, record in records])


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
