"""`callkeeper backup`: a whole copy for its owner alone, or none."""

import asyncio
import os
import sqlite3
import stat

import pytest

from app.db import Database
from tests.archive.records import a_call_record, save


@pytest.fixture
def url(migrated_file):
    return f"sqlite:///{migrated_file}"


@pytest.fixture
def stored(url):
    async def _store():
        database = Database.open(url)
        await save(database, a_call_record())
        await database.close()

    asyncio.run(_store())


def calls_in(file):
    connection = sqlite3.connect(file)
    found = connection.execute("SELECT count(*) FROM call_records").fetchone()[0]
    connection.close()
    return found


def test_it_writes_a_copy_that_only_its_owner_reads(callkeeper, stored, tmp_path):
    old = os.umask(0)
    done = callkeeper("backup", str(tmp_path / "copy.db"))
    os.umask(old)
    assert (done.status, done.err) == (0, "")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert calls_in(tmp_path / "copy.db") == 1


def test_a_file_that_is_there_is_left_as_it_is(callkeeper, stored, tmp_path):
    (tmp_path / "copy.db").write_text("precious")
    done = callkeeper("backup", str(tmp_path / "copy.db"))
    assert (done.status, done.err.count("\n"), "there already" in done.err) == (2, 1, True)
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_where_nothing_can_be_written_it_says_so_in_one_line(callkeeper, stored, tmp_path):
    done = callkeeper("backup", str(tmp_path / "nowhere" / "copy.db"))
    assert (done.status, done.err.count("\n"), "nowhere" in done.err) == (1, 1, True)


def test_without_a_database_there_is_no_copy_and_no_database_is_made(callkeeper, tmp_path):
    done = callkeeper("backup", str(tmp_path / "copy.db"))
    assert (done.status, done.err.count("\n"), "no database" in done.err) == (1, 1, True)
    assert not list(tmp_path.glob("*.db"))


def test_a_database_that_is_broken_leaves_no_copy_behind(callkeeper, stored, tmp_path):
    file = tmp_path / "callkeeper.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 400_000)
    done = callkeeper("backup", str(tmp_path / "copy.db"))
    assert (done.status, done.err.count("\n"), "SQLite made no copy" in done.err) == (1, 1, True)
    assert [one.name for one in tmp_path.iterdir() if "copy" in one.name] == []


def test_what_was_deleted_is_not_in_the_copy(callkeeper, stored, tmp_path):
    with sqlite3.connect(tmp_path / "callkeeper.db") as connection:
        connection.execute("CREATE TABLE notes (words TEXT)")
        connection.execute("INSERT INTO notes VALUES (?)", ("a word to be forgotten" * 500,))
        connection.commit()
        connection.execute("DELETE FROM notes")
    connection.close()
    callkeeper("backup", str(tmp_path / "copy.db"))
    assert b"a word to be forgotten" not in (tmp_path / "copy.db").read_bytes()


def test_for_postgresql_it_names_the_command_without_the_password(callkeeper, environment, tmp_path):
    environment(DATABASE_URL="postgresql://me:s3cret@db.example/calls?sslmode=require&password=s3cret")
    done = callkeeper("backup", "calls.dump")
    command = "pg_dump --format=custom --file=calls.dump '--dbname=postgresql://me@db.example/calls?sslmode=require'"
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert command in done.err
    assert "s3cret" not in done.err
