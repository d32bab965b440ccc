"""Bringing a database to the newest schema, and knowing whether it is there."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.db import Database

if TYPE_CHECKING:
    from alembic.config import Config  # imported where a schema is changed: it costs an idle service 10 MB

MIGRATIONS = Path(__file__).parents[2] / "migrations"
_LOCK = 0x63616C6C  # any number, the same for all: one process at a time changes a PostgreSQL schema


DatabaseFailed = SQLAlchemyError


def newest() -> str:
    """The revision that this program was written for: the number that the last migration's file begins with."""
    return max(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def current(database: Database) -> str | None:
    """The revision the database is at, None when it is empty."""
    async with database.reading() as db:
        return await db.run_sync(_current)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def is_outdated(revision: str | None) -> bool:
    """Whether the database is older than this program; one that is newer serves it too (migrations only add)."""
    return revision is None or revision < newest()


def outdated(revision: str | None) -> str:
    """What to do about a database that is not at the newest schema."""
    at = f"is at revision {revision}" if revision else "has no tables yet"
    return f"the database {at}, this program needs {newest()}: run `callkeeper migrate`"


async def migrate(database: Database) -> None:
    """Bring the database to the newest schema; doing it twice, or in two processes, does no harm.

    Each migration is a transaction of its own: one that computes something of every call keeps no other table locked.
    docs/upgrades.md says what migrations may do, so that an older program can run beside a newer one.
    """
    while await _step(database):
        pass


async def _step(database: Database) -> bool:
    async with database.begin() as db:
        if database.dialect == "postgresql":
            await db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return await db.run_sync(_upgrade)


def _upgrade(connection: Connection) -> bool:
    """One migration on, unless there is none left."""
    if not is_outdated(_current(connection)):
        return False
    from alembic import command  # noqa: PLC0415 -- see above

    command.upgrade(config(connection), "+1")
    return True


def config(connection: Connection) -> "Config":
    """Alembic's settings, with the connection that migrations/env.py is to use."""
    from alembic.config import Config  # noqa: PLC0415 -- see above

    settings = Config(stdout=sys.stdout, attributes={"connection": connection})
    settings.set_main_option("script_location", str(MIGRATIONS))
    return settings
