"""Is the database there, and what does it know? Read alone: nothing is made, migrated or marked."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access import keys
from app.db import Database, explain, schema_version
from app.doctor.blocking_calls import addresses
from app.doctor.database import postgresql, schema_and_keys, sqlite_file
from app.doctor.finding import Check, failed, skipped
from app.doctor.network.subscription import Ours
from app.health.tenant import Tenant, tenant_states
from app.settings.environment import Settings
from app.subscriptions import model

PATIENCE = 5.0  # seconds
_ROWS = ("subscription", "notifications", "worker", "reconciliation")


@dataclass(frozen=True, slots=True)
class Known:
    """The checks made here, and what the database holds of each tenant: empty where it could not be read."""

    checks: list[Check]
    states: dict[str, Tenant] = field(default_factory=dict)
    ours: dict[str, Ours | None] = field(default_factory=dict)


async def examine(settings: Settings) -> Known:
    """All that asks the database and nobody else."""
    url = settings.database_url.get_secret_value()
    checks: list[Check] = []
    if url.startswith("sqlite"):
        file = sqlite_file.look(Path(make_url(url).database or ""))
        checks = [sqlite_file.check(file), sqlite_file.version(sqlite3.sqlite_version)]
        if not file.exists:
            return _unread(settings, checks, "database")
    database = Database.looking(url)
    try:
        async with asyncio.timeout(PATIENCE):
            await _resolved(make_url(url))
            return await _asked(settings, database, checks)
    except (OSError, schema_version.DatabaseFailed, sqlite3.Error) as error:
        return _unread(settings, [*checks[1:], _refused(url, error)], "database")
    finally:
        await database.close()


async def _asked(settings: Settings, database: Database, checks: list[Check]) -> Known:
    if database.dialect == "postgresql":
        async with database.reading() as db:
            checks = await _server(db, settings)
    revision = await schema_version.current(database)
    checks.append(schema_and_keys.migration(revision, schema_version.newest()))
    if schema_version.is_outdated(revision):
        return _unread(settings, checks, "migration")
    async with database.reading() as db:
        checks.append(schema_and_keys.api_key(settings, await keys.listed(db)))
        ours = {tenant_id: _newest(await model.not_ended(db, tenant_id)) for tenant_id in settings.azure_tenant_id}
    states = await tenant_states(database, settings.azure_tenant_id)
    return Known(checks, {state.tenant_id: state for state in states}, ours)


async def _resolved(url: URL) -> None:
    """The driver would look the name up on a thread that the end of the program waits for."""
    if url.host and "," not in url.host:
        await addresses(url.host, url.port or 5432)


async def _server(db: AsyncConnection, settings: Settings) -> list[Check]:
    asked = "SELECT current_setting('server_version'), current_setting('transaction_read_only'), current_database()"
    version, read_only, name = (await db.execute(text(asked))).one()
    host = _host(make_url(settings.database_url.get_secret_value()))
    return [postgresql.reached(host=host, name=name, read_only=read_only == "on"), postgresql.version(version)]


def _newest(living: Sequence[Any]) -> Ours | None:
    """Of those that Graph has named."""
    named = [row for row in living if row.subscription_id and isinstance(row.expires_at, datetime)]
    newest = max(named, key=lambda row: row.expires_at, default=None)
    return Ours(newest.subscription_id, newest.expires_at) if newest else None


def _refused(url: str, error: Exception) -> Check:
    parts = make_url(url)
    if not url.startswith("sqlite"):
        host, port = _host(parts), parts.port or 5432
        user, name = parts.username or "this user", parts.database or parts.username or "postgres"
        return postgresql.refused(error, host=host, port=port, user=user, name=name)
    remedy = "name another file in DATABASE_URL, or restore a backup (docs/backup-and-restore.md)"
    said = "it is no SQLite database" if "not a database" in str(error) else explain(error)
    return failed("database", f"{parts.database} cannot be read: {said}", remedy)


def _host(url: URL) -> str:
    """A server, several, or the folder of a socket."""
    asked = url.query.get("host", "localhost")
    return url.host or (asked if isinstance(asked, str) else ", ".join(asked))


def _unread(settings: Settings, checks: list[Check], needs: str) -> Known:
    """What is not known then, a line for each."""
    made = {one.check for one in checks}
    names = [name for name in ("database_version", "migration", "api_key") if name not in made]
    missing = [skipped(name, f"needs {needs}") for name in names]
    if needs == "database" and settings.api_key:  # which is known without the database
        missing = [one for one in missing if one.check != "api_key"] + [schema_and_keys.api_key(settings, [])]
    rows = [skipped(name, f"needs {needs}", tenant) for name in _ROWS for tenant in settings.azure_tenant_id]
    return Known([*checks, *missing, *rows])
