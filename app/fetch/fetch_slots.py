"""Fetches the records of claims, a bounded number at a time, and has them stored.

A fetch does not wait in its slot for the commit of a small record, so that commits have many records.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from app import memory
from app.archive.sites.current_sites import CurrentSites
from app.db import Database
from app.db.group_commit import Group
from app.db.outage.causes import in_words
from app.db.outage.retrying import retried
from app.fetch.claims import Claims
from app.fetch.collect import Client, collect
from app.fetch.failures import Failures
from app.fetch.pace import Pace
from app.fetch.reading_process import ReadingProcess
from app.fetch.refusals import Refusals
from app.fetch.saver import Fetched
from app.graph.errors import Throttled
from app.graph.transport.large_records import LargeRecords
from app.ids import TenantId
from app.inbox.queue import Claim
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.rare_log import RareLog
from app.observability.tracing import Span, Tracing, failed, spans

PATIENCE = 5.0  # seconds that a fetch waits for a tenant that Graph throttles
SMALL = 64_000  # bytes of a record that leaves its slot before it is stored

_log = log.get(__name__)


class FetchSlots:
    """The fetches of one worker. A caller takes a slot with `acquire`, and `fetch` releases it."""

    def __init__(
        self,
        database: Database,
        worker: str,
        clients: Mapping[TenantId, Client],
        paces: Mapping[TenantId, Pace],
        claims: Claims,
        *,
        concurrency: int,
        metrics: Metrics,
        tracing: Tracing,
        large: LargeRecords,
        sites: CurrentSites,
    ) -> None:
        self.saving = 0
        """Small records that are fetched and wait for their commit."""
        self._clients = clients
        self._paces = paces
        self._claims = claims
        self._metrics = metrics
        self._tracing = tracing
        self._large = large
        self._slots = asyncio.Semaphore(concurrency)
        self._process = ReadingProcess(sites)
        self._refusals = Refusals(clients)
        self._failures = Failures(database, worker, paces, self._save_again, self._refusals)
        self._save_failed = RareLog(lambda error, times: _log.error("save_failed", error=error, times=times))

    async def close(self) -> None:
        """After the last fetch."""
        await self._process.close()

    async def acquire(self) -> None:
        await self._slots.acquire()

    async def fetch(self, claim: Claim, group: Group[Fetched], *, is_busy: bool = False) -> None:
        """In a slot, which is released as soon as a small record is fetched.

        A worker that ``is_busy`` has a second process read the record, and may have its detail rows written later; one
        that keeps up saves the memory and the second writing.
        """
        with self._tracing.after(claim.traceparent, spans.FETCH, spans.about(claim)) as span:
            try:
                outcome = await self._fetched(claim, group, span, is_busy=is_busy)
            finally:
                if self._large.release(f"record:{claim.call_id}"):
                    memory.give_back()
            span.set_attribute(spans.OUTCOME, outcome)
        # Not reached when a stop cancels the fetch: such a claim is released.
        self._claims.drop(claim)
        self._metrics.fetches.labels(outcome=outcome).inc()
        self._paces[claim.tenant_id].forget(f"record:{claim.call_id}")

    async def _fetched(self, claim: Claim, group: Group[Fetched], span: Span, *, is_busy: bool) -> str:
        try:
            try:
                self._refuse_if_throttled(claim.tenant_id)
                elsewhere = self._process if is_busy else None
                record = await collect(self._clients[claim.tenant_id], claim.tenant_id, claim.call_id, elsewhere)
                fetched = Fetched(claim, record, self._tracing.current(), is_behind=is_busy)
                if is_large := record.raw_bytes > SMALL:
                    await self._save_again(claim, lambda: group.add(fetched))
            finally:
                self._slots.release()
            if not is_large:
                self.saving += 1
                try:
                    await self._save_again(claim, lambda: group.add(fetched))
                finally:
                    self.saving -= 1
        except Exception as error:  # noqa: BLE001 -- any error leaves the row, and it is tried again
            failed(span, type(error).__name__)
            return await self._failures.settle(claim, error)
        self._refusals.stored(claim.tenant_id)
        span.set_attribute(spans.VERSION, record.version)
        _log.info("call_saved", tenant_id=claim.tenant_id, call_id=claim.call_id, version=record.version)
        return "stored" if record.complete else "stored_incomplete"

    async def _save_again(self, claim: Claim, transaction: Callable[[], Awaitable[None]]) -> None:
        """Store the result of a fetch; while the lease lasts, an unavailable database is tried again."""
        await retried(
            transaction,
            lambda: self._claims.seconds_left(claim),
            lambda error: self._save_failed.note(in_words(error)),
        )

    def _refuse_if_throttled(self, tenant_id: TenantId) -> None:
        """A fetch that would only wait for Graph gives its slot to fetches of other tenants."""
        seconds = self._paces[tenant_id].throttled_for
        if seconds > PATIENCE:
            throttled = Throttled(f"Graph asked us to wait for {seconds:.0f} s")
            throttled.retry_after = seconds
            raise throttled
