"""The checks of the database. They only read: no file is created, no schema migrated, no row written."""

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access import keys
from app.db import Database, explain, schema_version
from app.doctor.blocking_calls import addresses
from app.doctor.database import network_of, postgresql, replica, schema_and_keys, sqlite_file, webhooks
from app.doctor.finding import Check, failed, skipped
from app.doctor.network.subscription import Ours
from app.health.tenant import Tenant, tenant_states
from app.ids import TenantId
from app.outbound.registry import health
from app.outbound.registry import webhooks as registry
from app.settings.environment import Settings
from app.subscriptions import model

_BY_TENANT = ("subscription", "notifications", "worker", "reconciliation", "call_logs")


@dataclass(frozen=True, slots=True)
class DatabaseFindings:
    """The findings, and what the database knows about each tenant (empty if it could not be read)."""

    checks: list[Check]
    states: dict[TenantId, Tenant] = field(default_factory=dict)
    ours: dict[TenantId, Ours | None] = field(default_factory=dict)


async def run(settings: Settings, limit: float) -> DatabaseFindings:
    """The checks that need only the database and its replica, within ``limit`` seconds each."""
    findings = await _of_primary(settings, limit)
    if settings.database_read_url:
        url = make_url(settings.database_read_url.get_secret_value())
        found = await replica.check(url, _host(url), _sslmode(url), limit)
        findings.checks.insert(1, found)
    return findings


async def _of_primary(settings: Settings, limit: float) -> DatabaseFindings:
    url = settings.database_url.get_secret_value()
    checks: list[Check] = []
    if url.startswith("sqlite"):
        file = sqlite_file.stat(Path(make_url(url).database or ""))
        checks = [sqlite_file.check(file), sqlite_file.version(sqlite3.sqlite_version)]
        if not file.exists:
            return _unread(settings, checks, "database")
    database = Database.open_readonly(url)
    try:
        async with asyncio.timeout(limit):
            await _resolve(make_url(url))
            return await _read(settings, database, checks)
    except (OSError, schema_version.DatabaseFailed, sqlite3.Error) as error:
        return _unread(settings, [*checks[1:], _refused(url, error)], "database")
    finally:
        await database.close()


async def _read(settings: Settings, database: Database, checks: list[Check]) -> DatabaseFindings:
    if database.dialect == "postgresql":
        async with database.reading() as db:
            checks = await _server(db, settings)
    revision = await schema_version.current(database)
    checks.append(schema_and_keys.migration(revision, schema_version.newest()))
    if schema_version.is_outdated(revision):
        return _unread(settings, checks, "migration")
    async with database.reading() as db:
        checks.append(schema_and_keys.api_key(settings, await keys.list_keys(db), datetime.now(UTC)))
        found = webhooks.check(len(await registry.listed(db, None)), await health.failing(db), datetime.now(UTC))
        checks.append(found)
        ours = {tenant_id: _newest(await model.not_ended(db, tenant_id)) for tenant_id in settings.azure_tenant_id}
    states = await tenant_states(database, settings.azure_tenant_id)
    return DatabaseFindings(checks, {state.tenant_id: state for state in states}, ours)


async def _resolve(url: URL) -> None:
    """Resolve the host first: the driver would do it on a thread that the program waits for at its end."""
    if url.host and "," not in url.host:
        await addresses(url.host, url.port or 5432)


async def _server(db: AsyncConnection, settings: Settings) -> list[Check]:
    query = "SELECT current_setting('server_version'), current_setting('transaction_read_only'), current_database()"
    version, read_only, name = (await db.execute(text(query))).one()
    url = make_url(settings.database_url.get_secret_value())
    host = _host(url)
    network = network_of.network_of(host, in_containers=network_of.has_names_of_containers())
    reached = postgresql.reached(
        host=host, name=name, read_only=read_only == "on", sslmode=_sslmode(url), network=network
    )
    return [reached, postgresql.version(version)]


def _sslmode(url: URL) -> str:
    """As asyncpg reads it."""
    given = url.query.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"
    return given if isinstance(given, str) else given[-1]


def _newest(living: Sequence[Any]) -> Ours | None:
    """The newest of the subscriptions that Graph has confirmed with an id."""
    confirmed = [row for row in living if row.subscription_id and isinstance(row.expires_at, datetime)]
    newest = max(confirmed, key=lambda row: row.expires_at, default=None)
    return Ours(newest.subscription_id, newest.expires_at) if newest else None


def _refused(url: str, error: Exception) -> Check:
    parts = make_url(url)
    if not url.startswith("sqlite"):
        host, port = _host(parts), parts.port or 5432
        user, name = parts.username or "this user", parts.database or parts.username or "postgres"
        return postgresql.refused(error, host=host, port=port, user=user, name=name)
    remedy = "set DATABASE_URL to another file, or restore a backup (docs/backup-and-restore.md)"
    reason = "it is not a SQLite database" if "not a database" in str(error) else explain(error)
    return failed("database", f"{parts.database} cannot be read: {reason}", remedy)


def _host(url: URL) -> str:
    """One server, several servers, or the folder of a socket."""
    host = url.query.get("host", "localhost")
    return url.host or (host if isinstance(host, str) else ", ".join(host))


def _unread(settings: Settings, checks: list[Check], needs: str) -> DatabaseFindings:
    """The findings, with every check that could not run as skipped."""
    done = {check.check for check in checks}
    names = [name for name in ("database_version", "migration", "api_key", webhooks.NAME) if name not in done]
    missing = [skipped(name, f"needs {needs}") for name in names]
    if needs == "database" and settings.api_key:  # API_KEY is known without the database
        missing = [check for check in missing if check.check != "api_key"] + [
            schema_and_keys.api_key(settings, [], datetime.now(UTC))
        ]
    by_tenant = [skipped(name, f"needs {needs}", tenant) for name in _BY_TENANT for tenant in settings.azure_tenant_id]
    return DatabaseFindings([*checks, *missing, *by_tenant])
