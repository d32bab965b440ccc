"""Databases of every age: at a chosen revision, filled as the program of that revision filled them."""

from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from app.db import Database
from tests.cli.conftest import callkeeper, environment  # noqa: F401 -- fixtures
from tests.flow.conftest import ca_file, key, running, serve, start, world  # noqa: F401 -- likewise
from tests.upgrades.old import Old
from tests.upgrades.shell import run  # noqa: F401 -- likewise


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
