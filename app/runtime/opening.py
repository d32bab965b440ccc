"""Opens the database that the settings name, for commands and long-running processes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from app.db import Database, explain, schema_version
from app.ids import TenantId
from app.inbox import tenant_state
from app.settings.environment import Settings

# Seconds that PostgreSQL has for one statement; longer ones are for those who know that theirs take long.
STATEMENT_LIMIT = 60.0


class NotReadyError(Exception):
    """Why the work cannot begin, and what to do, in one line."""


@asynccontextmanager
async def open_database(
    settings: Settings, *, check: bool = True, statement_limit: float | None = STATEMENT_LIMIT
) -> AsyncIterator[Database]:
    """The database at the newest schema; a SQLite file is brought there, PostgreSQL by `callkeeper migrate` alone."""
    database = Database.open(settings.database_url.get_secret_value(), statement_limit=statement_limit)
    try:
        if check:
            await _check(database)
            await _ensure_tenants(database, settings.azure_tenant_id)
        yield database
    finally:
        await database.close()


async def _ensure_tenants(database: Database, tenant_ids: Sequence[TenantId]) -> None:
    """Write only where a row is missing: a command that reads also works while nothing can be written."""
    async with database.reading() as db:
        known = await tenant_state.tenant_ids(db)
    if set(tenant_ids) - set(known):
        async with database.begin() as db:
            await tenant_state.ensure_rows(db, tenant_ids)


async def _check(database: Database) -> None:
    try:
        revision = await schema_version.current(database)
        if database.dialect == "sqlite" and schema_version.is_outdated(revision):
            await schema_version.migrate(database)
            revision = await schema_version.current(database)
    except (OSError, schema_version.DatabaseFailed) as error:
        raise NotReadyError(f"DATABASE_URL: {explain(error)}") from error
    if schema_version.is_outdated(revision):
        raise NotReadyError(schema_version.outdated(revision))


def holder() -> str:
    """A name for this process on lease rows."""
    return f"process-{uuid4().hex[:12]}"
