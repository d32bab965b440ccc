"""How one tenant stands: everything the database knows of it, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app import tenants
from app.db import Database
from app.inbox import rows
from app.inbox.rows import Depth
from app.subscriptions import model


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
