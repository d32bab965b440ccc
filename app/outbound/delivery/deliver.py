"""Delivers events for as long as the process runs. Any number of processes do this side by side."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.db.outage.causes import in_words
from app.observability import log
from app.observability.rare_log import RareLog
from app.outbound.delivery import queue
from app.outbound.delivery.queue import Claim
from app.outbound.delivery.send import Observe, Send, Settled
from app.outbound.registry import webhooks
from app.outbound.registry.webhooks import Webhook
from app.outbound.sending.addresses import Network
from app.outbound.sending.http import Http
from app.outbox.tables import webhooks as table

IDLE = 1.0  # seconds between two looks for deliveries that are due
BATCH = 128  # deliveries in one claim: with 32 at once and 15 s each, all are sent within half of the lease

_log = log.get(__name__)


class Reach(NamedTuple):
    """What requests need of the settings."""

    public_url: str
    allowed: Sequence[Network] = ()
    ca_file: Path | None = None


class Deliver:
    """``await deliver.run()`` never returns. When it is cancelled, what it has claimed is due again at once."""

    def __init__(
        self, database: Database, reach: Reach, *, holder: str, observe: Observe = lambda _: None, idle: float = IDLE
    ) -> None:
        self._database = database
        self._reach = reach
        self._holder = holder
        self._observe = observe
        self._idle = idle
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failed = RareLog(lambda error, times: _log.error("deliveries_failed", error=error, times=times))

    async def run(self) -> None:
        """A task for each webhook with deliveries: one that is slow delays no other."""
        async with Http(ca_file=self._reach.ca_file, allowed=self._reach.allowed) as http:
            send = self._send(http)
            try:
                while True:
                    await self._look(send)
                    await asyncio.sleep(self._idle)
            finally:
                await self._end()

    async def once(self) -> None:
        """Deliver what is due now; for tests and single runs."""
        async with Http(ca_file=self._reach.ca_file, allowed=self._reach.allowed) as http:
            send = self._send(http)
            for webhook_id in await self._with_due():
                await self._deliver(webhook_id, send)

    async def one(self, webhook_id: str, delivery_id: int) -> Settled | None:
        """Attempt one delivery now, also while its webhook is paused; None if another process does."""
        async with self._database.begin() as db:
            row = await webhooks.find(db, webhook_id, None)
            webhook = await webhooks.decrypted(db, row, datetime.now(UTC))
            claims = await queue.claim(db, self._holder, webhook_id, 1, only=[delivery_id])
        if not claims:
            return None
        async with Http(ca_file=self._reach.ca_file, allowed=self._reach.allowed) as http:
            [settled] = await self._send(http)(webhook, claims)
        return settled

    def _send(self, http: Http) -> Send:
        return Send(self._database, http, self._holder, self._reach.public_url, self._observe)

    async def _look(self, send: Send) -> None:
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        try:
            ready = await self._with_due()
        except (SQLAlchemyError, OSError) as error:
            self._failed.note(in_words(error))
            return
        for webhook_id in ready:
            if webhook_id not in self._running:
                self._running[webhook_id] = asyncio.create_task(self._deliver_logged(webhook_id, send))

    async def _with_due(self) -> list[str]:
        async with self._database.reading() as db:
            return [each.webhook_id for each in await webhooks.ready(db, queue.has_due(), datetime.now(UTC))]

    async def _deliver_logged(self, webhook_id: str, send: Send) -> None:
        try:
            await self._deliver(webhook_id, send)
        except (SQLAlchemyError, OSError) as error:  # the leases end, and the deliveries are sent again
            self._failed.note(in_words(error))

    async def _deliver(self, webhook_id: str, send: Send) -> None:
        """Until nothing is due, or the webhook fails."""
        while claimed := await self._claim(webhook_id):
            await send(*claimed)

    async def _claim(self, webhook_id: str) -> tuple[Webhook, list[Claim]] | None:
        """None if nothing is due, or the webhook is paused or disabled. One that failed gets one request at a time."""
        async with self._database.begin() as db:
            found = await webhooks.ready(db, table.c.id == webhook_id, datetime.now(UTC))
            if not found:
                return None
            [webhook] = found
            claims = await queue.claim(db, self._holder, webhook_id, 1 if webhook.failures else BATCH)
        return (webhook, claims) if claims else None

    async def _end(self) -> None:
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        with suppress(SQLAlchemyError, OSError):  # the leases then end
            async with self._database.begin() as db:
                await queue.release(db, self._holder)
