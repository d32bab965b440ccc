"""What a database that refuses says, as one of a few causes: each from a real database."""

import sqlite3

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.db.outage import causes
from app.db.outage.causes import (
    CONNECTION,
    DISK_FULL,
    LOCK,
    LOGIN,
    PERMISSION,
    READ_ONLY,
    WORDS,
    cause,
    in_words,
    is_temporary,
)
from app.observability.metrics import CAUSES

pytestmark = pytest.mark.anyio
WRITE = text("INSERT INTO secrets (name, value) VALUES ('a', 'b')")


async def refusal(database, *statements):
    """The error of the last one."""
    for statement in statements[:-1]:
        async with database.begin() as db:
            await db.execute(text(statement) if isinstance(statement, str) else statement)
    with pytest.raises((SQLAlchemyError, OSError)) as caught:
        async with database.begin() as db:
            await db.execute(statements[-1])
    return caught.value


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("setting", "expected"), [("PRAGMA max_page_count=1", DISK_FULL), ("PRAGMA query_only=ON", READ_ONLY)]
)
async def test_a_sqlite_file_that_is_full_or_read_only(database, setting, expected):
    fill = text("INSERT INTO secrets (name, value) VALUES ('a', zeroblob(100000))")
    error = await refusal(database, setting, fill)
    assert (cause(error), is_temporary(error)) == (expected, True)


async def test_a_sqlite_file_that_another_program_locks(tmp_path):
    file = tmp_path / "a.db"
    first, second = (sqlite3.connect(file, timeout=0, isolation_level=None) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as caught:
        second.execute("BEGIN IMMEDIATE")
    assert cause(caught.value) == LOCK
    for one in (first, second):
        one.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_postgresql_that_refuses(database, postgresql_url):
    wrong = Database.open(postgresql_url.replace(postgresql_url.split("/")[3].split("?")[0], "no_such_database"))
    assert cause(await refusal(wrong, WRITE)) == LOGIN
    await wrong.close()
    ended = await refusal(database, text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert (cause(ended), is_temporary(ended)) == (CONNECTION, True)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (asyncpg.DiskFullError("could not extend file"), DISK_FULL),
        (asyncpg.LockNotAvailableError("lock timeout"), LOCK),
        (asyncpg.ReadOnlySQLTransactionError("standby"), READ_ONLY),
        (asyncpg.InsufficientPrivilegeError("no grant"), PERMISSION),
        (asyncpg.InvalidPasswordError("wrong"), LOGIN),
        (asyncpg.CannotConnectNowError("starting up"), CONNECTION),
        (TimeoutError(), CONNECTION),
        (KeyError(), causes.OTHER),
    ],
)
def test_what_a_server_says(error, expected):
    assert cause(error) == expected
    assert in_words(error).startswith(WORDS[expected])


def test_each_cause_has_words_and_a_metric():
    assert tuple(WORDS) == CAUSES
