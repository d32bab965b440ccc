"""Whether it works: for the orchestrator, for Prometheus and for people."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from app import schema, tenants
from app.db import Database
from app.inbox import rows
from app.inbox.rows import Depth
from app.subscriptions import model

# A usual record is there within minutes; a row due for this long means that nobody fetches, or nobody can.
ALARM_AGE = timedelta(hours=1)
PATIENCE = 3.0  # seconds for the database; whoever asks whether we work waits no longer for the answer


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant at a glance; times in UTC, None where there is nothing yet."""

    tenant_id: str
    subscription_id: str | None = None
    expires_at: datetime | None = None
    problem: str | None = None
    notified_at: datetime | None = None
    kept_at: datetime | None = None
    kept_total: int = 0
    reconciled_at: datetime | None = None
    held_until: datetime | None = None
    depth: Depth = field(default_factory=Depth)


async def tenant_states(database: Database, tenant_ids: Sequence[str]) -> list[Tenant]:
    """What the database knows of each configured tenant."""
    async with database.reading() as db:
        depths = await rows.depths(db)
        states = []
        for tenant_id in tenant_ids:
            live = await model.live(db, tenant_id)
            row = await tenants.find(db, tenant_id)
            states.append(
                Tenant(
                    tenant_id,
                    live.subscription_id if live else None,
                    live.expires_at if live else None,
                    await model.last_problem(db, tenant_id),
                    row.notified_at if row else None,
                    row.kept_at if row else None,
                    row.kept_total if row else 0,
                    row.reconciled_at if row else None,
                    row.held_until if row else None,
                    depths.get(tenant_id, Depth()),
                )
            )
    return states


async def reasons_not_ready(database: Database, tenant_ids: Sequence[str]) -> list[dict[str, str]]:
    """Why the service is not doing its work; empty when it is."""
    try:
        async with asyncio.timeout(PATIENCE):
            revision = await schema.current(database)
            if schema.is_outdated(revision):
                return [{"reason": "migration", "detail": schema.outdated(revision)}]
            states = await tenant_states(database, tenant_ids)
    except (SQLAlchemyError, OSError) as error:
        return [{"reason": "database", "detail": f"the database does not answer ({type(error).__name__})"}]
    return [reason for state in states for reason in _reasons(state, datetime.now(UTC))]


def _reasons(state: Tenant, now: datetime) -> list[dict[str, str]]:
    reasons = []
    if state.expires_at is None:
        problem = state.problem or "run `callkeeper subscriptions ensure` and see what it says"
        reasons.append(_reason("subscription", state, f"no live subscription: {problem}"))
    oldest = state.depth.oldest_due
    if oldest is not None and now - oldest > ALARM_AGE:
        hours = (now - oldest).total_seconds() / 3600
        reasons.append(
            _reason("collecting", state, f"a record has been due for {hours:.1f} hours: is a worker running?")
        )
    return reasons


def _reason(name: str, state: Tenant, detail: str) -> dict[str, str]:
    return {"reason": name, "tenant_id": state.tenant_id, "detail": detail}
