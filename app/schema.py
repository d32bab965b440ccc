"""Bringing a database to the newest schema, and knowing whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app.db import Database

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_LOCK = 0x63616C6C  # any number, the same for all: one process at a time changes a PostgreSQL schema


DatabaseFailed = SQLAlchemyError


def newest() -> str:
    """The revision that this program was written for."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None
    return head


async def current(database: Database) -> str | None:
    """The revision the database is at, None when it is empty."""
    async with database.reading() as db:
        return await db.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def outdated(revision: str | None) -> str:
    """What to do about a database that is not at the newest schema."""
    at = f"is at revision {revision}" if revision else "has no tables yet"
    return f"the database {at}, this program needs {newest()}: run `callkeeper migrate`"


async def migrate(database: Database) -> None:
    """Bring the database to the newest schema; doing it twice, or in two processes, does no harm."""
    async with database.begin() as db:
        if database.dialect == "postgresql":
            await db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await db.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    command.upgrade(config(connection), "head")


def config(connection: Connection) -> Config:
    """Alembic's settings, with the connection that migrations/env.py is to use."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(MIGRATIONS))
    return settings
