"""The worker claims due rows, fetches a bounded number of their records at a time, and saves the records.

    claims ─▶ waiting ─▶ fetch slots (concurrency) ─▶ saver (one commit for 32) ─▶ the rows are gone

On a stop, fetches in flight get a few seconds; what is then unfinished is released.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from app.archive.sites.current_sites import CurrentSites
from app.db import Database
from app.db.group_commit import Group
from app.fetch.claims import Claims
from app.fetch.collect import Client
from app.fetch.fetch_slots import FetchSlots
from app.fetch.pace import Pace
from app.fetch.saver import BATCH, Fetched, Saver
from app.graph.transport.large_records import LargeRecords
from app.ids import TenantId
from app.inbox.queue import Claim
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.tracing import OFF, Tracing
from app.settings.units import ALL_DETAIL, DetailRows

LEASE = timedelta(minutes=2)
IDLE = 1.0  # seconds between two looks at an empty inbox
SAVING = 2 * BATCH  # small records that wait for their commit while the next ones are fetched
CLAIM = 2  # times the concurrency: rows in one claim
GRACE = 7.0  # seconds that fetches in flight get when the worker stops

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
        detail_rows: DetailRows = ALL_DETAIL,
        lease: timedelta = LEASE,
        grace: float = GRACE,
        idle: float = IDLE,
        tracing: Tracing = OFF,
        large: LargeRecords | None = None,
    ) -> None:
        self.name = f"worker-{uuid4().hex[:12]}"
        self._clients = clients
        self._concurrency = concurrency
        sites = CurrentSites()
        self._saver = Saver(
            database, self.name, retention=retention, detail_rows=detail_rows, tracing=tracing, sites=sites
        )
        self._claims = Claims(database, self.name, lease, tracing)
        self._slots = FetchSlots(
            database,
            self.name,
            clients,
            paces,
            self._claims,
            concurrency=concurrency,
            metrics=metrics,
            tracing=tracing,
            large=large or LargeRecords(),
            sites=sites,
        )
        self._grace = grace
        self._pause_seconds = idle
        self._waiting: asyncio.Queue[Claim] = asyncio.Queue()
        self._woken = asyncio.Event()
        self._stopping = False
        self._is_behind = False
        """Whether more rows were due than one claim takes."""

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
            prolonging = asyncio.create_task(self._claims.prolong())
            try:
                while not self._stopping:
                    await self._claim_once()
            finally:
                await self._drain([*fetchers, prolonging])
        await self._slots.close()
        await self._claims.release_all()
        _log.info("worker_stopped", worker=self.name)

    async def work_once(self) -> int:
        """Fetch the rows that are due now, once, and return their number. For tests and single runs."""
        async with self._saver.group() as group:
            claims = await self._claims.take(self._clients, self._concurrency)
            await asyncio.gather(*(self._fetch_in_a_slot(claim, group) for claim in claims))
        return len(claims)

    async def _fetch_in_a_slot(self, claim: Claim, group: Group[Fetched]) -> None:
        await self._slots.acquire()
        await self._slots.fetch(claim, group)

    async def _claim_once(self) -> None:
        claimed: list[Claim] = []
        if (room := self._room) >= CLAIM * self._concurrency:
            claimed = await self._claims.take(self._clients, room)
            self._is_behind = len(claimed) == room
            for claim in claimed:
                self._waiting.put_nowait(claim)
        if not claimed:
            await self._pause()

    @property
    def _room(self) -> int:
        """How many more rows may be claimed; those that only wait for their commit do not count."""
        return (CLAIM + 1) * self._concurrency - (len(self._claims) - self._slots.saving)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._pause_seconds)
        self._woken.clear()

    async def _fetcher(self, group: Group[Fetched]) -> None:
        while True:
            await self._slots.acquire()
            claim = await self._waiting.get()
            await self._slots.fetch(claim, group, is_busy=self._is_behind)
            if self._waiting.empty() or self._room >= CLAIM * self._concurrency:
                self._woken.set()

    async def _drain(self, tasks: list[asyncio.Task[None]]) -> None:
        """Release the claims that are not begun, give fetches in flight a few seconds, then release the others."""
        unbegun = [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
        await self._claims.release(unbegun)
        await self._claims.wait_until_dropped(self._grace)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
