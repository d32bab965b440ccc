"""Ensures the subscriptions while a process runs: on a schedule, and on lifecycle events."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import chain, repeat
from time import monotonic

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.db.outage.causes import in_words
from app.ids import TenantId
from app.observability import log
from app.observability.rare_log import RareLog
from app.subscriptions.ensure import Ensured
from app.subscriptions.model import lifecycle_events

EVENTS_EVERY = 5.0  # seconds between two reads of lifecycle events that another process received
AFTER_FAILURE = (5.0, 15.0, 60.0)  # seconds, for example while PUBLIC_URL does not answer yet
_THEN = 900.0  # seconds after that, doubled each time

_log = log.get(__name__)


class Renewal:
    """``await renewal.run()`` ensures each tenant every ``every``, sooner after a failure, and at once on an event."""

    def __init__(
        self,
        database: Database,
        ensures: Mapping[TenantId, Callable[[], Awaitable[Ensured]]],
        every: timedelta,
        *,
        woken: asyncio.Event,
        on_ensured: Callable[[Ensured], None] = lambda _: None,
        events_every: float = EVENTS_EVERY,
        after_failure: Sequence[float] = AFTER_FAILURE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._ensures = ensures
        self._every = every.total_seconds()
        self._woken = woken
        self._on_ensured = on_ensured
        self._events_every = events_every
        self._after_failure = after_failure
        self._sleep = sleep
        self._failed = RareLog(
            lambda error, times: _log.error("subscription_failed", error=error, problem="database", times=times)
        )

    async def run(self) -> None:
        """Never returns."""
        await asyncio.gather(*(self._run_tenant(tenant_id, ensure) for tenant_id, ensure in self._ensures.items()))

    async def _run_tenant(self, tenant_id: TenantId, ensure: Callable[[], Awaitable[Ensured]]) -> None:
        pauses = self._pauses()
        while True:
            ensured = await self._ensured(tenant_id, ensure)
            self._on_ensured(ensured)
            if ensured.good:
                pauses = self._pauses()
                await self._wait(tenant_id)
            else:
                await self._sleep(next(pauses))

    async def _ensured(self, tenant_id: TenantId, ensure: Callable[[], Awaitable[Ensured]]) -> Ensured:
        try:
            return await ensure()
        except (SQLAlchemyError, OSError) as error:
            self._failed.note(in_words(error))  # for all tenants together
            return Ensured(tenant_id, "failed", problem=in_words(error))

    def _pauses(self) -> Iterator[float]:
        """Growing, and never longer than the schedule itself."""
        doubled = (_THEN * 2**number for number in range(30))
        growing = (min(pause, self._every) for pause in chain(self._after_failure, doubled))
        return chain(growing, repeat(self._every))

    async def _wait(self, tenant_id: TenantId) -> None:
        """Return at the next time of the schedule, or when a lifecycle event of this tenant arrives."""
        end = monotonic() + self._every
        while (left := end - monotonic()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), min(left, self._events_every))
                self._woken.clear()
            with suppress(SQLAlchemyError, OSError):
                if await _has_event(self._database, tenant_id):
                    return


async def _has_event(database: Database, tenant_id: TenantId) -> bool:
    wanted = select(lifecycle_events.c.event).where(lifecycle_events.c.tenant_id == tenant_id).limit(1)
    async with database.reading() as db:
        return (await db.execute(wanted)).first() is not None
