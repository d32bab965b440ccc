"""Why a database does not do what it was asked: one of a few causes, in words for logs, `/readyz` and `status`.

https://www.postgresql.org/docs/current/errcodes-appendix.html and https://www.sqlite.org/rescode.html
"""

import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import ArgumentError, ProgrammingError, SQLAlchemyError, StatementError

from app.db.errors import is_data_error

DISK_FULL, LOCK, CONNECTION, LOGIN, READ_ONLY = "disk_full", "lock", "connection", "login", "read_only"
TOO_MANY_CONNECTIONS, PERMISSION, BROKEN_FILE, OTHER = "too_many_connections", "permission", "broken_file", "other"

WORDS = {
    DISK_FULL: "the disk of the database is full",
    LOCK: "another transaction locks the table or its rows",
    CONNECTION: "the connection to the database is lost, or the database does not answer",
    LOGIN: "the database refuses the login: user, password or database name",
    READ_ONLY: "the database is read-only",
    TOO_MANY_CONNECTIONS: "the database accepts no more connections",
    PERMISSION: "the database user lacks a permission on the tables",
    BROKEN_FILE: "the database file cannot be read or written",
    OTHER: "an unexpected error of the database",
}

_SQLSTATES = {
    "53100": DISK_FULL,
    "53300": TOO_MANY_CONNECTIONS,
    "55P03": LOCK,
    "40P01": LOCK,
    "25006": READ_ONLY,
    "42501": PERMISSION,
    "3D000": LOGIN,
    "25P03": CONNECTION,
    "57014": CONNECTION,  # a statement's limit: locks have a shorter one
}
_CLASSES = {"08": CONNECTION, "28": LOGIN, "57": CONNECTION, "58": BROKEN_FILE}

_SQLITE = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_BUSY: LOCK,
    sqlite3.SQLITE_LOCKED: LOCK,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: PERMISSION,
    sqlite3.SQLITE_IOERR: BROKEN_FILE,
    sqlite3.SQLITE_CANTOPEN: BROKEN_FILE,
    sqlite3.SQLITE_CORRUPT: BROKEN_FILE,
    sqlite3.SQLITE_NOTADB: BROKEN_FILE,
}


def cause(error: BaseException, *, timeout: str = CONNECTION) -> str:
    """The cause, a key of WORDS. ``timeout``: the cause of a wait that ended without an answer."""
    for one in _chain(error):
        state, code = getattr(one, "sqlstate", None), getattr(one, "sqlite_errorcode", None)
        if isinstance(state, str):
            return _SQLSTATES.get(state) or _CLASSES.get(state[:2], OTHER)
        if isinstance(code, int):
            return _SQLITE.get(code & 0xFF, OTHER)
    if any(isinstance(one, TimeoutError) for one in _chain(error)):
        return timeout
    lost = isinstance(error, OSError) or getattr(error, "connection_invalidated", False)
    return CONNECTION if lost or _is_interface_error(error) else OTHER


def in_words(error: BaseException) -> str:
    """The cause as a clause for a sentence; the name of an error that is none of the known causes."""
    why = cause(error)
    return f"{WORDS[why]} ({type(error).__name__})" if why == OTHER else WORDS[why]


def is_temporary(error: BaseException) -> bool:
    """Whether the same transaction can succeed later: the database's state is at fault, not the values or the SQL."""
    if isinstance(error, OSError):
        return True
    if isinstance(error, StatementError) and is_data_error(error):
        return False
    return isinstance(error, SQLAlchemyError) and not isinstance(error, ProgrammingError | ArgumentError)


def _is_interface_error(error: BaseException) -> bool:
    return type(error).__name__ in {"InterfaceError", "InternalClientError"}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what the driver raised, and what caused that."""
    one: BaseException | None = error
    seen: set[int] = set()
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = getattr(one, "orig", None) or one.__cause__
