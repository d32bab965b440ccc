"""Compiled SQL for all tests of a process: a new engine for each test would compile the same statements again."""

from sqlalchemy import Engine, event
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

_STATEMENTS = 1500  # a statement takes about 30 KB
_compiled = LRUCache(_STATEMENTS)


def _same_kind(dialect, other):
    return type(dialect) is type(other)


def _hash_of_kind(dialect):
    return hash(type(dialect))


# SQLAlchemy looks compiled statements up by the dialect of the engine, and each engine has its own dialect object.
for _kind in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
    _kind.__eq__, _kind.__hash__ = _same_kind, _hash_of_kind


@event.listens_for(Engine, "engine_connect")
def _share(connection):
    connection.execution_options(compiled_cache=_compiled)
