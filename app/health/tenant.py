"""The state of one tenant: everything the database knows about it, read in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.fetch.reconciliation import progress
from app.fetch.reconciliation.progress import Progress
from app.health.inbox_risks import Risks, risks
from app.ids import TenantId
from app.inbox import deferred, refusals, rows, tenant_state
from app.inbox.deferred import Deferred
from app.inbox.rows import Depth
from app.subscriptions import model
from app.telephony.sync import overview
from app.telephony.sync.overview import LogState


@dataclass(frozen=True, slots=True)
class Tenant:
    """The state of one tenant; times in UTC, None if there is no value yet."""

    tenant_id: TenantId
    subscription_id: str | None = None
    subscribed_at: datetime | None = None
    renewed_at: datetime | None = None
    expires_at: datetime | None = None
    problem: str | None = None
    notified_at: datetime | None = None
    stored_at: datetime | None = None
    stored_total: int = 0
    reconciled_at: datetime | None = None
    throttled_until: datetime | None = None
    refused_since: datetime | None = None
    """Graph refuses every record since then (403)."""
    refused_check_at: datetime | None = None
    refused_reason: str | None = None
    unnotified_since: datetime | None = None
    unnotified_calls: int = 0
    unnotified_total: int = 0
    normal_silence: timedelta | None = None
    sweeps: Sequence[Progress] = ()
    not_understood_total: int = 0
    not_understood_at: datetime | None = None
    not_understood_shape: str | None = None
    call_logs: Sequence[LogState] = ()
    depth: Depth = field(default_factory=Depth)
    risks: Risks = field(default_factory=Risks)


async def tenant_states(database: Database, tenant_ids: Sequence[TenantId]) -> list[Tenant]:
    """The state of each configured tenant."""
    async with database.reading() as db:
        depths, at_risk, waiting = await rows.depths(db), await risks(db), await deferred.counts(db)
        return [
            await _state(
                db,
                tenant_id,
                _with_deferred(depths.get(tenant_id, Depth()), waiting.get(tenant_id)),
                at_risk.get(tenant_id, Risks()),
            )
            for tenant_id in tenant_ids
        ]


def _with_deferred(depth: Depth, waiting: Deferred | None) -> Depth:
    """Deferred notices are due as well: a worker moves them into the inbox."""
    if waiting is None:
        return depth
    oldest = min(waiting.since, depth.oldest_due or waiting.since)
    return replace(depth, due=depth.due + waiting.notices, oldest_due=oldest)


async def _state(db: AsyncConnection, tenant_id: TenantId, depth: Depth, at_risk: Risks) -> Tenant:
    live = await model.live(db, tenant_id)
    row = await tenant_state.find(db, tenant_id)
    refusal = await refusals.find(db, tenant_id)
    normal = row.normal_silence if row else None
    return Tenant(
        tenant_id,
        subscription_id=live.subscription_id if live else None,
        subscribed_at=live.created_at if live else None,
        renewed_at=live.renewed_at if live else None,
        expires_at=live.expires_at if live else None,
        problem=await model.last_problem(db, tenant_id),
        notified_at=row.notified_at if row else None,
        stored_at=row.kept_at if row else None,
        stored_total=row.kept_total if row else 0,
        reconciled_at=row.reconciled_at if row else None,
        throttled_until=row.held_until if row else None,
        refused_since=refusal.since if refusal else None,
        refused_check_at=refusal.check_at if refusal else None,
        refused_reason=refusal.reason if refusal else None,
        unnotified_since=row.unnotified_since if row else None,
        unnotified_calls=(row.unnotified_calls or 0) if row else 0,
        unnotified_total=row.unnotified_total if row else 0,
        normal_silence=timedelta(seconds=normal) if normal is not None else None,
        sweeps=await progress.read(db, tenant_id),
        not_understood_total=row.not_understood_total if row else 0,
        not_understood_at=row.not_understood_at if row else None,
        not_understood_shape=row.not_understood_shape if row else None,
        call_logs=await overview.states(db, tenant_id),
        depth=depth,
        risks=at_risk,
    )
