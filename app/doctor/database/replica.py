"""The check of DATABASE_READ_URL. It never fails: what it serves is read from DATABASE_URL instead."""

import asyncio
from dataclasses import replace

from sqlalchemy import URL, text

from app.db import Database, schema_version
from app.doctor.database import network_of, postgresql
from app.doctor.finding import Check, warning

NAME = "database"


async def check(url: URL, host: str, sslmode: str, limit: float) -> Check:
    """Whether the replica answers within ``limit`` seconds and has this program's tables."""
    database = Database.open_readonly(url.render_as_string(hide_password=False))
    try:
        async with asyncio.timeout(limit):
            async with database.reading() as db:
                name = await db.scalar(text("SELECT current_database()"))
            revision = await schema_version.current(database)
    except (OSError, schema_version.DatabaseFailed) as error:
        user, name = url.username or "this user", url.database or url.username or "postgres"
        found = postgresql.refused(error, host=host, port=url.port or 5432, user=user, name=name)
        return _of_replica(warning(NAME, found.found, found.remedy or ""))
    finally:
        await database.close()
    if schema_version.is_outdated(revision):
        found_name = f"PostgreSQL at {host}, database {name}, has not received the newest migration"
        return _of_replica(warning(NAME, found_name, "check its replication; DATABASE_URL is read meanwhile"))
    network = network_of.network_of(host, in_containers=network_of.has_names_of_containers())
    reached = postgresql.reached(host=host, name=str(name), read_only=False, sslmode=sslmode, network=network)
    return _of_replica(reached)


def _of_replica(check: Check) -> Check:
    remedy = check.remedy and check.remedy.replace("DATABASE_URL", "DATABASE_READ_URL", 1)
    return replace(check, found=f"replica: {check.found}", remedy=remedy)
