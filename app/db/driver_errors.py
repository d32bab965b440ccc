"""The errors of the database drivers.

asyncpg is not imported for them, because it costs 8 MB. In a process that has not imported it, it raised none.
"""

import sqlite3
import sys


def driver_errors() -> tuple[type[Exception], ...]:
    """What the drivers raise, for an ``except`` clause: also the OSError of a connection that was lost."""
    asyncpg = sys.modules.get("asyncpg")
    return (
        (sqlite3.Error, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) if asyncpg else (sqlite3.Error, OSError)
    )


def is_refused_value(error: Exception) -> bool:
    """Whether asyncpg could not send a value; SQLAlchemy has no class of its own for it."""
    asyncpg = sys.modules.get("asyncpg")
    return asyncpg is not None and isinstance(error, asyncpg.DataError)
