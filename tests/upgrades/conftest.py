"""Databases of every age: at a chosen revision, filled as the program of that revision filled them."""

import asyncio
import sys
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from app.db import Database
from tests.cli.conftest import callkeeper, environment  # noqa: F401 -- fixtures
from tests.flow.conftest import ca_file, key, running, serve, start, world  # noqa: F401 -- likewise
from tests.flow.service import environment as variables
from tests.upgrades.old import Old

SCRIPTS = Path(sys.executable).parent


async def _order(server, statement):
    connection = await asyncpg.connect(server)
    await connection.execute(statement)
    await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request, tmp_path):
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server, name = request.getfixturevalue("postgresql_server"), f"upgrades_{uuid4().hex[:12]}"
    await _order(server, f'CREATE DATABASE "{name}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    await _order(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
async def empty(empty_url):
    database = Database.open(empty_url)
    yield database
    await database.close()


@pytest.fixture
async def old(empty, sqlite_template, tmp_path):
    """The same, to be made old."""
    return Old(empty, sqlite_template, tmp_path / "newest.db")


@pytest.fixture
def run(running, ca_file, tmp_path):
    """Runs lines of a shell to their end, where `callkeeper` is a command: what they printed."""

    async def run(lines, *, database_url, status=0, **settings):
        found = variables(running, ca_file, database_url, LOG_LEVEL="warning", **settings)
        found["PATH"] = f"{SCRIPTS}:{found.get('PATH', '')}"
        pipe = asyncio.subprocess.PIPE
        shell = await asyncio.create_subprocess_exec(
            "sh", "-ec", lines, cwd=tmp_path, env=found, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await shell.communicate()
        assert shell.returncode == status, said.decode()
        return said.decode()

    return run
