"""`backfill`: a sweep by hand over a part of Graph's list, which continues an earlier one that broke off."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from app.db import Database, lease
from app.fetch.reconciliation import progress as stored
from app.fetch.reconciliation.progress import BACKFILL, Progress
from app.fetch.reconciliation.slice_reader import NOTHING, Client, Options, Swept, TakenOver
from app.fetch.reconciliation.sweep import Sweep
from app.ids import TenantId
from app.inbox import tenant_state

__all__ = ["NOTHING", "Client", "Swept", "backfill"]

LOOK = 1.0  # seconds between two looks whether another sweep of the tenant has ended
FRESH = timedelta(days=1)  # a slice that was listed longer ago is listed again


async def backfill(
    database: Database,
    client: Client,
    tenant_id: TenantId,
    since: datetime,
    until: datetime | None = None,
    *,
    retention: timedelta | None = None,
    progress: Callable[[Swept], None] = lambda _: None,
    on_wait: Callable[[], None] = lambda: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Swept:
    """Queue the missing records of calls that started in [since, until); raises GraphError.

    Calls older than ``retention`` are left out, because they would be deleted again. ``since`` may be earlier than
    Graph's 30 days. While another sweep of the tenant runs, this one waits and calls ``on_wait`` once.
    """
    holder = f"backfill-{uuid4().hex[:12]}"
    options = Options(retention=retention, on_progress=progress)
    while True:
        async with lease.hold(database, f"reconcile:{tenant_id}", holder) as ours:
            if ours:
                begun = await _begin(database, tenant_id, holder, since, until)
                try:
                    done = await Sweep(database, client, begun, options, sleep=sleep).run()
                except TakenOver:  # our lease ran out, for example because this machine slept
                    continue
                return Swept(done.listed, done.queued)
        on_wait()
        on_wait = _nothing
        await sleep(LOOK)


async def _begin(
    database: Database, tenant_id: TenantId, holder: str, since: datetime, until: datetime | None
) -> Progress:
    now = datetime.now(UTC)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [tenant_id])
        before = await stored.find(db, tenant_id, BACKFILL)
        begun = Progress(tenant_id, BACKFILL, holder, now, since, until, position=since, updated_at=now)
        if before is not None and _continues(before, begun):
            begun = replace(before, sweeper=holder, since=since, until=until, updated_at=now)
        await stored.put(db, begun)
    return begun


def _continues(before: Progress, wanted: Progress) -> bool:
    """Whether ``before`` has listed the first part of the period that ``wanted`` asks for."""
    is_unfinished = before.ended_at is None and before.until == wanted.until
    is_fresh = wanted.begun_at - before.begun_at < FRESH
    return is_unfinished and is_fresh and before.since <= wanted.since < before.position


def _nothing() -> None: ...
