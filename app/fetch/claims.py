"""The rows of the inbox that a worker has claimed, and their leases.

A claim is a lease, prolonged while the worker lives. After a kill the leases expire automatically.
"""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from time import monotonic, time_ns

from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.db.outage.causes import in_words
from app.ids import TenantId
from app.inbox import queue
from app.inbox.queue import Claim
from app.observability import log
from app.observability.rare_log import RareLog
from app.observability.tracing import Tracing, spans

PROLONG_AGAIN = 2.0  # seconds until the leases are prolonged again after the database failed

_log = log.get(__name__)


class Claims:
    """The claims of one worker. A claim is in it from `take` until `drop` or `release`."""

    def __init__(self, database: Database, worker: str, lease: timedelta, tracing: Tracing) -> None:
        self._database = database
        self._worker = worker
        self._lease = lease
        self._tracing = tracing
        self._claims: dict[tuple[str, str], Claim] = {}
        self._leased_until: dict[tuple[str, str], float] = {}
        self._may_have_lost_claims = False
        self._idle = asyncio.Event()
        self._claim_failed = RareLog(lambda error, times: _log.error("claim_failed", error=error, times=times))
        self._prolong_failed = RareLog(lambda error, times: _log.error("prolong_failed", error=error, times=times))

    def __len__(self) -> int:
        return len(self._claims)

    async def take(self, tenant_ids: Collection[TenantId], most: int) -> list[Claim]:
        """Claim rows that are due. An error of the database is logged, and nothing is claimed."""
        began = time_ns()
        try:
            async with self._database.begin() as db:
                if self._may_have_lost_claims:
                    await queue.release_others(db, self._worker, list(self._claims.values()))
                claims = await queue.claim(db, self._worker, list(tenant_ids), most, self._lease)
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

    def drop(self, claim: Claim) -> None:
        """Forget a claim whose row is settled."""
        self._remove(claim)
        if not self._claims:
            self._idle.set()

    def seconds_left(self, claim: Claim) -> float:
        """Seconds until the lease ends; negative after its end."""
        return self._leased_until.get((claim.tenant_id, claim.call_id), 0.0) - monotonic()

    async def wait_until_dropped(self, seconds: float) -> None:
        """Until every claim is dropped, and at most so many seconds."""
        if self._claims:
            self._idle.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)

    async def prolong(self) -> None:
        """Prolong the leases until cancelled."""
        pause = self._lease.total_seconds() / 3
        while True:
            await asyncio.sleep(pause)
            pause = self._lease.total_seconds() / 3
            claims = list(self._claims.values())
            if not claims:
                continue
            try:
                async with self._database.begin() as db:
                    await queue.prolong(db, self._worker, claims, self._lease)
            except (SQLAlchemyError, OSError) as error:
                self._prolong_failed.note(in_words(error))
                pause = min(pause, PROLONG_AGAIN)
            else:
                self._leased(claim for claim in claims if (claim.tenant_id, claim.call_id) in self._claims)

    async def release_all(self) -> None:
        await self.release(list(self._claims.values()))

    async def release(self, claims: list[Claim]) -> None:
        """Let other workers claim these rows now."""
        if not claims:
            return
        for claim in claims:
            self._remove(claim)
        try:
            async with self._database.begin() as db:
                await queue.release(db, self._worker, claims)
        except (SQLAlchemyError, OSError) as error:  # their leases expire automatically
            _log.error("release_failed", error=in_words(error))

    def _leased(self, claims: Iterable[Claim]) -> None:
        until = monotonic() + self._lease.total_seconds()
        self._leased_until.update(((claim.tenant_id, claim.call_id), until) for claim in claims)

    def _remove(self, claim: Claim) -> None:
        key = (claim.tenant_id, claim.call_id)
        self._claims.pop(key, None)
        self._leased_until.pop(key, None)
