"""The automatic sweeps: at start, on a schedule, and as soon as a gap in the notifications is known."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.queries import call_frequency
from app.db import Database, lease
from app.db.outage.causes import in_words
from app.fetch.reconciliation import progress
from app.fetch.reconciliation.progress import RECONCILE, Progress
from app.fetch.reconciliation.slice_reader import Client, Options, TakenOver
from app.fetch.reconciliation.sweep import Sweep
from app.graph.errors import GraphError
from app.ids import TenantId
from app.inbox import tenant_state
from app.inbox.queue import WINDOW
from app.observability import log
from app.observability.rare_log import RareLog
from app.observability.tracing import OFF, Tracing, spans

# A call is listed by its start but appears after its end, up to 150 minutes later and sometimes more, and a meeting
# may last 30 hours: https://learn.microsoft.com/graph/change-notifications-overview#latency,
# https://learn.microsoft.com/microsoftteams/limits-specifications-teams
REACH_BACK = timedelta(hours=36)
JUST_NOW = timedelta(minutes=1)  # a sweep by another replica that started with us counts for us
LISTEN = 2.0  # seconds between two looks for a gap
AFTER_FAILURE = timedelta(minutes=1)

_log = log.get(__name__)


ListeningSince = Callable[[AsyncConnection, TenantId], Awaitable[datetime | None]]
"""Since when Graph should notify us of this tenant's calls; None while there is no subscription."""


async def _since_never(_db: AsyncConnection, _tenant_id: TenantId) -> None:
    return None


class Reconcile:
    """Sweeps each tenant when it is due. A lease row decides which replica does it."""

    def __init__(
        self,
        database: Database,
        clients: Mapping[TenantId, Client],
        every: timedelta,
        *,
        holder: str,
        retention: timedelta | None = None,
        tracing: Tracing = OFF,
        listening_since: ListeningSince = _since_never,
        look_every: float = LISTEN,
        after_failure: timedelta = AFTER_FAILURE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``sleep``: the pauses before a slice is asked for again."""
        self._tracing = tracing
        self._listening_since = listening_since
        self._retention = retention
        self._look_every = look_every
        self._after_failure = after_failure
        self._sleep = sleep
        self._database = database
        self._clients = clients
        self._every = every
        self._holder = holder
        self._not_before: dict[TenantId, datetime] = {}
        self._started: set[str] = set()
        self._failed = RareLog(lambda error, times: _log.error("reconcile_failed", error=error, times=times))

    async def run(self) -> None:
        """Run forever. Errors of Graph and of the database are logged and do not end it."""
        await asyncio.gather(*(self._run_one(tenant_id) for tenant_id in self._clients))

    async def _run_one(self, tenant_id: TenantId) -> None:
        while True:
            await self._sweep_if_due(tenant_id)
            await asyncio.sleep(self._look_every)

    async def _sweep_if_due(self, tenant_id: TenantId) -> None:
        now = datetime.now(UTC)
        try:
            if now >= self._not_before.get(tenant_id, now) and await self._is_due(tenant_id, now):
                await self.sweep(tenant_id)
        except GraphError as error:
            _log.warning(
                "reconcile_failed", tenant_id=tenant_id, error=str(error), request_id=getattr(error, "request_id", None)
            )
            self._not_before[tenant_id] = now + self._after_failure
        except (SQLAlchemyError, OSError) as error:
            self._failed.note(in_words(error))  # for all tenants together
            self._not_before[tenant_id] = now + self._after_failure

    async def _is_due(self, tenant_id: TenantId, now: datetime) -> bool:
        async with self._database.reading() as db:
            tenant = await tenant_state.find(db, tenant_id)
            last = await progress.find(db, tenant_id, RECONCILE)
        if tenant is None or tenant.reconciled_at is None or tenant.gap_since is not None:
            return True
        if last is not None and last.ended_at is None:
            return True
        at_start = tenant_id not in self._started
        self._started.add(tenant_id)
        every = min(self._every, JUST_NOW) if at_start else self._every
        return bool(tenant.reconciled_at + every <= now)

    async def sweep(self, tenant_id: TenantId) -> None:
        """Queue the calls that are missing; raises GraphError. Does nothing while another process sweeps the tenant.

        A sweep that broke off, here or in another process, is continued.
        """
        async with lease.hold(self._database, f"reconcile:{tenant_id}", self._holder) as ours:
            if not ours:
                return
            begun, listening_since = await self._begin(tenant_id)
            with self._tracing.span(spans.SWEEP, {spans.TENANT: tenant_id}, root=True) as span:
                try:
                    done = await self._sweep(begun, listening_since)
                except TakenOver:
                    _log.warning("sweep_taken_over", tenant_id=tenant_id)
                    return
                span.set_attributes({spans.LISTED: done.listed, spans.QUEUED: done.queued})
            await self._swept(done)
            _log.info("reconciled", tenant_id=tenant_id, listed=done.listed, queued=done.queued)

    async def _begin(self, tenant_id: TenantId) -> tuple[Progress, datetime | None]:
        now = datetime.now(UTC)
        async with self._database.begin() as db:
            await tenant_state.ensure_rows(db, [tenant_id])
            tenant = await tenant_state.find(db, tenant_id)
            before = await progress.find(db, tenant_id, RECONCILE)
            since = reach_back(now, tenant.reconciled_at, tenant.gap_since)
            if before is not None and before.ended_at is None and before.since <= since:
                begun = replace(before, sweeper=self._holder, updated_at=now)
                _log.info("sweep_continued", tenant_id=tenant_id, position=begun.position.isoformat())
            else:
                begun = Progress(
                    tenant_id, RECONCILE, self._holder, now, since, None, since, now, gap_since=tenant.gap_since
                )
                begun = begun if before is None else replace(begun, length=before.length)
            await progress.put(db, begun)
            return begun, await self._listening_since(db, tenant_id)

    async def _sweep(self, begun: Progress, listening_since: datetime | None) -> Progress:
        options = Options(self._retention, listening_since, self._tracing.traceparent())
        client = self._clients[begun.tenant_id]
        return await Sweep(self._database, client, begun, options, sleep=self._sleep).run()

    async def _swept(self, done: Progress) -> None:
        async with self._database.reading() as db:
            normal = call_frequency.normal_silence(await call_frequency.latest_starts(db, done.tenant_id))
        async with self._database.begin() as db:
            await tenant_state.complete_sweep(db, done.tenant_id, done.begun_at, done.gap_since)
            await tenant_state.mark(db, done.tenant_id, normal_silence=normal.total_seconds())


def reach_back(now: datetime, reconciled_at: datetime | None, gap_since: datetime | None) -> datetime:
    """The time from which Graph's list is read: 36 hours before the last complete sweep or the gap, at most 30 days.

    A stored record proves nothing about earlier ones: without a complete sweep, all 30 days are read.
    """
    oldest = now - WINDOW
    if reconciled_at is None:
        return oldest
    return max(oldest, min(reconciled_at, gap_since or reconciled_at) - REACH_BACK)
