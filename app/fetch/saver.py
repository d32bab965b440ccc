"""Commits fetched records, many in one transaction, and finishes their inbox rows in the same transaction."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.erasure import digests
from app.archive.erasure.erase_record import without
from app.archive.parse.record import ParsedRecord
from app.archive.retention import expired_calls
from app.archive.sites import current_sites, stored_places
from app.archive.sites.current_sites import CurrentSites
from app.archive.store import record_store
from app.archive.store.record_store import Begun, TenantCall
from app.archive.voice_apps import current_apps
from app.archive.voice_apps.current_apps import CurrentApps
from app.db import Database, direct, is_data_error
from app.db.direct import Steps
from app.db.group_commit import Group
from app.db.outage.causes import in_words
from app.fetch import call_events, retry
from app.ids import TenantId
from app.inbox import queue, refusals, tenant_state
from app.inbox.model import INCOMPLETE
from app.inbox.queue import Claim
from app.observability import log
from app.observability.tracing import OFF, SpanContext, Tracing, spans
from app.outbox import listeners
from app.settings.units import ALL_DETAIL, DetailRows

BATCH = 32  # records in one commit
MANY = 8  # records of a worker that is behind in one commit: saving takes so long that they wait for it

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A record, and the claim under which it was fetched; whether the worker was behind then."""

    claim: Claim
    record: ParsedRecord
    origin: SpanContext | None = None
    is_behind: bool = False


def _lies_in_a_record(error: Exception) -> bool:
    """Whether the database refused a value, or its driver could not send one."""
    is_refused = isinstance(error, DBAPIError) and is_data_error(error)
    return is_refused or isinstance(error, ValueError | TypeError | OverflowError)


class Saver:
    """Stores records and finishes their rows, both or neither.

    While a worker is behind, the detail rows of its records are left out. `has_detail` says so in the same transaction,
    and `archive.retention.detail_job` writes them from the documents.
    """

    def __init__(
        self,
        database: Database,
        worker: str,
        *,
        retention: timedelta | None = None,
        detail_rows: DetailRows = ALL_DETAIL,
        tracing: Tracing = OFF,
        sites: CurrentSites | None = None,
    ) -> None:
        self._database = database
        self._worker = worker
        self._retention = retention
        self._detail_rows = detail_rows
        self._tracing = tracing
        self._erased = digests.NONE_ERASED
        self._sites = sites or CurrentSites()
        self._apps = CurrentApps()
        self._listeners = listeners.NONE

    def group(self) -> Group[Fetched]:
        """Records of several fetches in one commit; a record the database refuses fails alone."""
        return Group(self._traced, most=BATCH, alone=_lies_in_a_record)

    async def _traced(self, batch: Sequence[Fetched]) -> None:
        with self._tracing.joint(spans.SAVE, [fetched.origin for fetched in batch]) as span:
            if span.is_recording():
                rows = sum(len(some) for fetched in batch for some in fetched.record.children.values())
                span.set_attributes({spans.RECORDS: len(batch), spans.ROWS: len(batch) + rows})
            await self.save(batch)

    async def save(self, batch: Sequence[Fetched]) -> None:
        """Leave out people who were erased, and records that retention would delete again."""
        now = datetime.now(UTC)
        young = [fetched.record for fetched in batch if not expired_calls.is_over(fetched.record, self._retention, now)]
        is_late = sum(fetched.is_behind for fetched in batch) >= MANY
        for record in young:
            record.row["has_detail"] = not is_late and self._detail_rows.include(record.row["ordered_at"], now)
        while not await self._saved(batch, await self._located(await self._without_erased(young)), now):
            async with self._database.reading() as db:
                self._erased = await digests.read(db)
                await self._sites.read(db)
                await self._apps.read(db)
                self._listeners = await listeners.read(db, self._listeners)

    async def _saved(self, batch: Sequence[Fetched], records: Sequence[ParsedRecord], now: datetime) -> bool:
        """False if a person was erased, or sites, voice apps or a webhook changed, since these were last read."""
        async with self._database.begin() as db:
            begun = await direct.run(db, self._begin(db.dialect, records))
            if begun is None:
                return False
            stored = await record_store.complete(db, records, begun)
            done = await self._retry_incomplete(db, batch, now)
            refused = await direct.run(db, self._finish(db.dialect, done, stored, begun, now))
        if refused:
            await self._end_refusals(refused)
        return True

    async def _end_refusals(self, tenant_ids: Sequence[TenantId]) -> None:
        """In a transaction of its own: rows of the inbox are locked before those of tenants."""
        try:
            async with self._database.begin() as db:
                made_due = await refusals.end(db, tenant_ids)
        except (SQLAlchemyError, OSError) as error:  # the next record that is stored ends them
            _log.error("refusals_not_ended", error=in_words(error))
        else:
            _log.info("refusals_ended", tenants=list(tenant_ids), made_due=made_due)

    async def _without_erased(self, records: Sequence[ParsedRecord]) -> Sequence[ParsedRecord]:
        """In a thread, because the documents are parsed again."""
        if not self._erased:
            return records
        return await asyncio.to_thread(lambda: [without(record, self._erased) for record in records])

    async def _located(self, records: Sequence[ParsedRecord]) -> list[ParsedRecord]:
        """Those that the reading process has not matched with the sites of now are matched here."""
        sites = self._sites.known
        found = [
            record
            if record.row.get("sites_revision") == sites.revision
            else await stored_places.with_places(record, sites)
            for record in records
        ]
        return [await self._apps.known.judged(record) for record in found]

    def _begin(self, dialect: Dialect, records: Sequence[ParsedRecord]) -> Steps[Begun | None]:
        """None if a person was erased, or sites, voice apps or a webhook changed, since these were last read."""
        current = (
            (yield from digests.counting(dialect)),
            (yield from current_sites.counting(dialect)),
            (yield from current_apps.counting(dialect)),
            (yield from listeners.counting(dialect)),
        )
        known = (self._sites.known.revision, self._apps.known.revision, self._listeners.revision)
        if current != (self._erased.count, *known):
            return None
        return (yield from record_store.begin(dialect, records))

    def _finish(
        self, dialect: Dialect, done: Sequence[Claim], stored: Collection[TenantCall], begun: Begun, now: datetime
    ) -> Steps[Sequence[TenantId]]:
        """Write the events, and finish the rows of the inbox; returns the tenants whose refusals end."""
        yield from call_events.writing_of(dialect, self._listeners, begun)
        if done:
            yield from queue.finishing(dialect, self._worker, done)
        counts = Counter(tenant_id for tenant_id, _ in stored)
        yield from tenant_state.counting_stored(dialect, counts, now)
        return (yield from refusals.waiting(dialect, counts))

    async def _retry_incomplete(self, db: AsyncConnection, batch: Sequence[Fetched], now: datetime) -> list[Claim]:
        """Make records without sessions due again, and return the claims of the others."""
        done: list[Claim] = []
        for fetched in batch:
            later = None if fetched.record.complete else self._look_again(fetched, now)
            if later is None:
                done.append(fetched.claim)
            else:
                why = fetched.record.incomplete_reason or "the record has no sessions yet"
                why = f"stored incomplete: {why}"
                await queue.retry(db, self._worker, fetched.claim, later.pause, why, INCOMPLETE)
        return done

    def _look_again(self, fetched: Fetched, now: datetime) -> retry.Again | None:
        if expired_calls.is_over(fetched.record, self._retention, now):
            return None
        spread = random.random()  # noqa: S311 -- spreads load, protects no secret
        return retry.look_again(fetched.claim.attempts, fetched.claim.deadline, now, spread)
