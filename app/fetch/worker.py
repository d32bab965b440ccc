"""The worker claims due rows, fetches a bounded number of their records at a time, and saves the records.

    claim ─▶ waiting ─▶ fetch (concurrency) ─▶ saver (one commit for 32) ─▶ the rows are gone

A fetch does not wait for the commit of a small record, so that commits have many records.

A claim is a lease, prolonged while the worker lives. On a stop, fetches in flight get a few seconds; what is then
unfinished is released. After a kill the leases expire automatically.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from time import monotonic, time_ns
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from app import memory
from app.db import Database
from app.db.group_commit import Group
from app.db.outage.causes import in_words
from app.db.outage.retrying import retried
from app.fetch.collect import Client, collect
from app.fetch.failures import Failures
from app.fetch.pace import Pace
from app.fetch.refusals import Refusals
from app.fetch.saver import BATCH, Fetched, Saver
from app.graph.errors import Throttled
from app.graph.transport.large_records import LargeRecords
from app.ids import TenantId
from app.inbox import queue
from app.inbox.queue import Claim
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.rare_log import RareLog
from app.observability.tracing import OFF, Span, Tracing, failed, spans

LEASE = timedelta(minutes=2)
IDLE = 1.0  # seconds between two looks at an empty inbox
PATIENCE = 5.0  # seconds that a fetch waits for a tenant that Graph throttles
SAVING = 2 * BATCH  # small records that wait for their commit while the next ones are fetched
SMALL = 64_000  # bytes of a record that waits so; a larger one occupies its fetch until it is stored
CLAIM = 2  # times the concurrency: rows in one claim
GRACE = 7.0  # seconds that fetches in flight get when the worker stops
PROLONG_AGAIN = 2.0  # seconds until the leases are prolonged again after the database failed

_log = log.get(__name__)


class Worker:
    """``await worker.run()`` works until ``worker.stop()``; ``worker.wake()`` ends the pause before the next claim."""

    def __init__(
        self,
        database: Database,
        clients: Mapping[TenantId, Client],
        paces: Mapping[TenantId, Pace],
        *,
        concurrency: int,
        metrics: Metrics,
        retention: timedelta | None = None,
        lease: timedelta = LEASE,
        grace: float = GRACE,
        idle: float = IDLE,
        tracing: Tracing = OFF,
        large: LargeRecords | None = None,
    ) -> None:
        self.name = f"worker-{uuid4().hex[:12]}"
        self._database = database
        self._clients = clients
        self._paces = paces
        self._concurrency = concurrency
        self._metrics = metrics
        self._saver = Saver(database, self.name, retention=retention, tracing=tracing)
        self._tracing = tracing
        self._large = large or LargeRecords()
        self._lease = lease
        self._grace = grace
        self._pause_seconds = idle
        self._claims: dict[tuple[str, str], Claim] = {}
        self._leased_until: dict[tuple[str, str], float] = {}
        self._may_have_lost_claims = False
        self._waiting: asyncio.Queue[Claim] = asyncio.Queue()
        self._slots = asyncio.Semaphore(concurrency)
        self._saving = 0
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._refusals = Refusals(clients)
        self._failures = Failures(database, self.name, paces, self._save_again, self._refusals)
        self._stopping = False
        self._claim_failed = RareLog(lambda error, times: _log.error("claim_failed", error=error, times=times))
        self._save_failed = RareLog(lambda error, times: _log.error("save_failed", error=error, times=times))
        self._prolong_failed = RareLog(lambda error, times: _log.error("prolong_failed", error=error, times=times))

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Claim and fetch until stopped. Errors of Graph and of the database are logged and do not end it."""
        _log.info("worker_started", worker=self.name)
        async with self._saver.group() as group:
            fetchers = [asyncio.create_task(self._fetcher(group)) for _ in range(self._concurrency + SAVING)]
            prolonging = asyncio.create_task(self._prolong())
            try:
                while not self._stopping:
                    await self._claim_once()
            finally:
                await self._drain([*fetchers, prolonging])
        await self._release(list(self._claims.values()))
        _log.info("worker_stopped", worker=self.name)

    async def work_once(self) -> int:
        """Fetch the rows that are due now, once, and return their number. For tests and single runs."""
        async with self._saver.group() as group:
            claims = await self._claim(self._concurrency)
            await asyncio.gather(*(self._fetch_in_a_slot(claim, group) for claim in claims))
        return len(claims)

    async def _fetch_in_a_slot(self, claim: Claim, group: Group[Fetched]) -> None:
        await self._slots.acquire()
        await self._fetch(claim, group)

    async def _claim_once(self) -> None:
        claimed: list[Claim] = []
        if self._room >= CLAIM * self._concurrency:
            claimed = await self._claim(self._room)
            for claim in claimed:
                self._waiting.put_nowait(claim)
        if not claimed:
            await self._pause()

    @property
    def _room(self) -> int:
        """How many more rows may be claimed; those that only wait for their commit do not count."""
        return (CLAIM + 1) * self._concurrency - (len(self._claims) - self._saving)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._pause_seconds)
        self._woken.clear()

    async def _claim(self, most: int) -> list[Claim]:
        began = time_ns()
        try:
            async with self._database.begin() as db:
                if self._may_have_lost_claims:
                    await queue.release_others(db, self.name, list(self._claims.values()))
                claims = await queue.claim(db, self.name, list(self._clients), most, self._lease)
        except (SQLAlchemyError, OSError) as error:
            self._may_have_lost_claims = True
            self._claim_failed.note(in_words(error))
            return []
        self._may_have_lost_claims = False
        for claim in claims:
            self._claims[claim.tenant_id, claim.call_id] = claim
        self._leased(claims)
        if claims:
            self._tracing.past(spans.CLAIM, began, {spans.CLAIMED: len(claims)})
        return claims

    async def _fetcher(self, group: Group[Fetched]) -> None:
        while True:
            await self._slots.acquire()
            claim = await self._waiting.get()
            await self._fetch(claim, group)
            if self._waiting.empty() or self._room >= CLAIM * self._concurrency:
                self._woken.set()

    async def _fetch(self, claim: Claim, group: Group[Fetched]) -> None:
        """In a slot, which is released as soon as a small record is fetched."""
        with self._tracing.after(claim.traceparent, spans.FETCH, spans.about(claim)) as span:
            try:
                outcome = await self._fetched(claim, group, span)
            finally:
                if self._large.release(f"record:{claim.call_id}"):
                    memory.give_back()
            span.set_attribute(spans.OUTCOME, outcome)
        # Not reached when a stop cancels the fetch: such a claim is released.
        self._drop(claim)
        if not self._claims:
            self._idle.set()
        self._metrics.fetches.labels(outcome=outcome).inc()
        self._paces[claim.tenant_id].forget(f"record:{claim.call_id}")

    async def _fetched(self, claim: Claim, group: Group[Fetched], span: Span) -> str:
        try:
            try:
                self._refuse_if_throttled(claim.tenant_id)
                record = await collect(self._clients[claim.tenant_id], claim.tenant_id, claim.call_id)
                fetched = Fetched(claim, record, self._tracing.current())
                if is_large := record.raw_bytes > SMALL:
                    await self._save_again(claim, lambda: group.add(fetched))
            finally:
                self._slots.release()
            if not is_large:
                self._saving += 1
                try:
                    await self._save_again(claim, lambda: group.add(fetched))
                finally:
                    self._saving -= 1
        except Exception as error:  # noqa: BLE001 -- any error leaves the row, and it is tried again
            failed(span, type(error).__name__)
            return await self._failures.settle(claim, error)
        self._refusals.stored(claim.tenant_id)
        span.set_attribute(spans.VERSION, record.version)
        _log.info("call_saved", tenant_id=claim.tenant_id, call_id=claim.call_id, version=record.version)
        return "stored" if record.complete else "stored_incomplete"

    async def _save_again(self, claim: Claim, transaction: Callable[[], Awaitable[None]]) -> None:
        """Store the result of a fetch; while the lease lasts, an unavailable database is tried again."""
        leased_until = self._leased_until
        key = (claim.tenant_id, claim.call_id)
        await retried(
            transaction,
            lambda: leased_until.get(key, 0.0) - monotonic(),
            lambda error: self._save_failed.note(in_words(error)),
        )

    def _leased(self, claims: Iterable[Claim]) -> None:
        until = monotonic() + self._lease.total_seconds()
        self._leased_until.update(((claim.tenant_id, claim.call_id), until) for claim in claims)

    def _drop(self, claim: Claim) -> None:
        key = (claim.tenant_id, claim.call_id)
        self._claims.pop(key, None)
        self._leased_until.pop(key, None)

    def _refuse_if_throttled(self, tenant_id: TenantId) -> None:
        """A fetch that would only wait for Graph gives its slot to fetches of other tenants."""
        seconds = self._paces[tenant_id].throttled_for
        if seconds > PATIENCE:
            throttled = Throttled(f"Graph asked us to wait for {seconds:.0f} s")
            throttled.retry_after = seconds
            raise throttled

    async def _prolong(self) -> None:
        pause = self._lease.total_seconds() / 3
        while True:
            await asyncio.sleep(pause)
            pause = self._lease.total_seconds() / 3
            claims = list(self._claims.values())
            if not claims:
                continue
            try:
                async with self._database.begin() as db:
                    await queue.prolong(db, self.name, claims, self._lease)
            except (SQLAlchemyError, OSError) as error:
                self._prolong_failed.note(in_words(error))
                pause = min(pause, PROLONG_AGAIN)
            else:
                self._leased(claim for claim in claims if (claim.tenant_id, claim.call_id) in self._claims)

    async def _drain(self, tasks: list[asyncio.Task[None]]) -> None:
        """Release the claims that are not begun, give fetches in flight a few seconds, then release the others."""
        unbegun = [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
        await self._release(unbegun)
        if self._claims:
            self._idle.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), self._grace)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _release(self, claims: list[Claim]) -> None:
        if not claims:
            return
        for claim in claims:
            self._drop(claim)
        try:
            async with self._database.begin() as db:
                await queue.release(db, self.name, claims)
        except (SQLAlchemyError, OSError) as error:  # their leases expire automatically
            _log.error("release_failed", error=in_words(error))
