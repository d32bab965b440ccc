"""Ensures the subscriptions while a process runs: on a schedule, and on lifecycle events."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from itertools import chain, repeat
from time import monotonic

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.observability import log
from app.subscriptions.ensure import Ensured
from app.subscriptions.model import lifecycle_events

LISTEN = 5.0  # seconds between two reads of lifecycle events that another process received
_SOON = (5.0, 15.0, 60.0)  # after a failure, for example while PUBLIC_URL does not answer yet
_SOON_AFTER = 900.0  # then this long, doubled each time

_log = log.get(__name__)


async def keep(
    database: Database,
    ensures: Mapping[str, Callable[[], Awaitable[Ensured]]],
    every: timedelta,
    *,
    woken: asyncio.Event,
    on_ensured: Callable[[Ensured], None] = lambda _: None,
) -> None:
    """Ensure each tenant every ``every``, sooner after a failure, and at once on a lifecycle event. Runs for ever."""
    await asyncio.gather(*(_keep_one(database, t, e, every, woken, on_ensured) for t, e in ensures.items()))


async def _keep_one(
    database: Database,
    tenant_id: str,
    ensure: Callable[[], Awaitable[Ensured]],
    every: timedelta,
    woken: asyncio.Event,
    on_ensured: Callable[[Ensured], None],
) -> None:
    pauses = _pauses(every)
    while True:
        ensured = await _ensured(tenant_id, ensure)
        on_ensured(ensured)
        if ensured.good:
            pauses = _pauses(every)
            await _until(database, tenant_id, every.total_seconds(), woken)
        else:
            await asyncio.sleep(next(pauses))


async def _ensured(tenant_id: str, ensure: Callable[[], Awaitable[Ensured]]) -> Ensured:
    try:
        return await ensure()
    except (SQLAlchemyError, OSError) as error:
        _log.error("subscription_failed", tenant_id=tenant_id, error=type(error).__name__, problem="database")
        return Ensured(tenant_id, "failed", problem=f"the database did not answer ({type(error).__name__})")


def _pauses(every: timedelta) -> Iterator[float]:
    """Growing, and never longer than the schedule itself."""
    longest = every.total_seconds()
    doubled = (_SOON_AFTER * 2**number for number in range(30))
    return chain((min(pause, longest) for pause in chain(_SOON, doubled)), repeat(longest))


async def _until(database: Database, tenant_id: str, seconds: float, woken: asyncio.Event) -> None:
    """Return after ``seconds``, or when a lifecycle event of this tenant arrives."""
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), min(left, LISTEN))
            woken.clear()
        with suppress(SQLAlchemyError, OSError):
            if await _said(database, tenant_id):
                return


async def _said(database: Database, tenant_id: str) -> bool:
    wanted = select(lifecycle_events.c.event).where(lifecycle_events.c.tenant_id == tenant_id).limit(1)
    async with database.reading() as db:
        return (await db.execute(wanted)).first() is not None
