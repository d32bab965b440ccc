"""Why the service is not doing its work, for whoever asks: the database is looked at, and its state is judged."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from app.db import Database, schema_version
from app.health import rules
from app.health.rules import Reason
from app.health.tenant import Tenant, tenant_states

PATIENCE = 3.0  # seconds for the database; whoever asks whether we work waits no longer for the answer


@dataclass(frozen=True, slots=True)
class Condition:
    """Each tenant's state, None where the database does not tell it, and all that is wrong."""

    tenants: list[Tenant] | None
    reasons: list[Reason]


async def look(database: Database, tenant_ids: Sequence[str]) -> Condition:
    """The condition now, within PATIENCE; a database that does not answer is a reason, not an error."""
    try:
        async with asyncio.timeout(PATIENCE):
            revision = await schema_version.current(database)
            if schema_version.is_outdated(revision):
                return Condition(None, [Reason("migration", schema_version.outdated(revision))])
            states = await tenant_states(database, tenant_ids)
    except (SQLAlchemyError, OSError) as error:
        return Condition(None, [Reason("database", f"the database does not answer ({type(error).__name__})")])
    now = datetime.now(UTC)
    return Condition(states, [reason for state in states for reason in rules.reasons(state, now)])


async def reasons_not_ready(database: Database, tenant_ids: Sequence[str]) -> list[Reason]:
    """Why the service is not doing its work; empty when it is."""
    return (await look(database, tenant_ids)).reasons
