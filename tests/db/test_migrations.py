import asyncio
import io
import subprocess
import sys
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, text

from app.db import Database, schema_version
from app.runtime import opening
from app.settings.environment import Settings
from tests.sample_settings import GOOD, set_only

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request, tmp_path):
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server, name = request.getfixturevalue("postgresql_server"), f"empty_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def empty(empty_url):
    database = Database.open(empty_url)
    yield database
    await database.close()


async def alembic(database, run, *args):
    async with database.begin() as db:
        await db.run_sync(lambda connection: run(schema_version.config(connection), *args))


async def table_names(database):
    async with database.reading() as db:
        return set(await db.run_sync(lambda connection: inspect(connection).get_table_names()))


async def stamp(database, revision):
    async with database.begin() as db:
        await db.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


async def test_there_is_one_head_and_it_is_what_the_program_needs():
    assert ScriptDirectory(str(schema_version.MIGRATIONS)).get_heads() == [schema_version.newest()]


async def test_migrating_an_empty_database_twice_does_no_harm(empty):
    assert await schema_version.current(empty) is None
    await schema_version.migrate(empty)
    tables = await table_names(empty)
    await schema_version.migrate(empty)
    assert await schema_version.current(empty) == schema_version.newest()
    assert await table_names(empty) == tables > {"inbox", "call_records"}


async def test_two_processes_may_migrate_at_once(empty_url):
    databases = [Database.open(empty_url) for _ in range(3)]
    await asyncio.gather(*(schema_version.migrate(database) for database in databases))
    assert await schema_version.current(databases[0]) == schema_version.newest()
    for database in databases:
        await database.close()


async def test_the_migrations_make_exactly_the_tables_of_the_code(database):
    await alembic(database, command.check)


async def test_a_migration_back_to_nothing_and_up_again_makes_the_same_tables(empty):
    await schema_version.migrate(empty)
    tables = await table_names(empty)
    await alembic(empty, command.downgrade, "base")
    assert await table_names(empty) == {"alembic_version"}
    await schema_version.migrate(empty)
    assert await table_names(empty) == tables


async def test_a_migration_that_fails_leaves_the_database_as_it_was(empty, monkeypatch):
    def breaking(connection):
        really(connection)
        raise RuntimeError

    really = schema_version._upgrade
    monkeypatch.setattr(schema_version, "_upgrade", breaking)
    with pytest.raises(RuntimeError):
        await schema_version.migrate(empty)
    assert await table_names(empty) == set()


async def test_a_database_of_a_newer_program_is_left_as_it_is(empty):
    await schema_version.migrate(empty)
    await stamp(empty, "9999")
    await schema_version.migrate(empty)
    assert await schema_version.current(empty) == "9999"


def settings(monkeypatch, tmp_path, url):
    set_only(monkeypatch, tmp_path, GOOD | {"DATABASE_URL": url})
    return Settings()


async def test_an_outdated_postgresql_is_refused_with_one_line_and_an_empty_sqlite_is_migrated(
    empty_url, monkeypatch, tmp_path
):
    opened = opening.open_database(settings(monkeypatch, tmp_path, empty_url))
    if empty_url.startswith("sqlite"):
        async with opened as database:
            assert await schema_version.current(database) == schema_version.newest()
    else:
        with pytest.raises(opening.NotReadyError, match=r"has no tables yet.*run `callkeeper migrate`") as caught:
            await opened.__aenter__()
        assert "\n" not in str(caught.value)


async def test_a_database_that_is_no_database_is_refused_with_one_line(monkeypatch, tmp_path):
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100)
    opened = opening.open_database(settings(monkeypatch, tmp_path, f"sqlite:///{tmp_path}/letter.db"))
    with pytest.raises(opening.NotReadyError, match=r"DATABASE_URL.*not a database") as caught:
        await opened.__aenter__()
    assert "\n" not in str(caught.value)


async def test_a_postgresql_that_is_not_there_is_one_line_without_the_password(monkeypatch, tmp_path, free_tcp_port):
    url = f"postgresql://user:s3cret@127.0.0.1:{free_tcp_port}/db"
    opened = opening.open_database(settings(monkeypatch, tmp_path, url))
    with pytest.raises(opening.NotReadyError, match=r"DATABASE_URL.*does not answer") as caught:
        await opened.__aenter__()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
async def test_serving_from_an_outdated_postgresql_ends_with_one_line_that_names_the_command(
    empty_url, monkeypatch, tmp_path
):
    settings(monkeypatch, tmp_path, empty_url)
    serve = [sys.executable, "-m", "app", "serve", "--port", "0"]
    ended = await asyncio.to_thread(subprocess.run, serve, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "callkeeper migrate" in ended.stderr


def test_alembic_prints_where_the_program_prints_now(monkeypatch):
    schema_version.config(None)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert schema_version.config(None).stdout is sys.stdout
