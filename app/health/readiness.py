"""Readiness: read the database, and judge whether the service collects calls."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from app.db import Database, schema_version
from app.health import rules
from app.health.rules import Reason
from app.health.tenant import Tenant, tenant_states
from app.ids import TenantId

SECONDS = 3.0  # for the database; monitors do not wait longer for an answer


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each tenant's state (None if the database does not answer) and every reason why the service is not ready."""

    tenants: list[Tenant] | None
    reasons: list[Reason]


async def check(database: Database, tenant_ids: Sequence[TenantId], *, seconds: float = SECONDS) -> Readiness:
    """The health now, within ``seconds``; a database that does not answer is a reason, not an error."""
    try:
        async with asyncio.timeout(seconds):
            revision = await schema_version.current(database)
            if schema_version.is_outdated(revision):
                return Readiness(None, [Reason("migration", schema_version.outdated(revision))])
            states = await tenant_states(database, tenant_ids)
    except (SQLAlchemyError, OSError) as error:
        return Readiness(None, [Reason("database", f"the database does not answer ({type(error).__name__})")])
    now = datetime.now(UTC)
    return Readiness(states, [reason for state in states for reason in rules.reasons(state, now)])


async def reasons_not_ready(
    database: Database, tenant_ids: Sequence[TenantId], *, seconds: float = SECONDS
) -> list[Reason]:
    """Every reason why the service does not collect calls; empty if it does."""
    return (await check(database, tenant_ids, seconds=seconds)).reasons
