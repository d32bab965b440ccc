"""The only folder that knows there are two databases; everything else is written once, in SQLAlchemy Core, and tested
on both.
"""

from app.db.backup import copy_sqlite, without_password
from app.db.database import Database
from app.db.errors import UnreachableError, blames_a_row, explain
from app.db.expressions import JsonRows, begin_of, day_of, exclusively, holds, now, upsert
from app.db.types import Key, UtcDateTime, metadata

__all__ = [
    "Database",
    "JsonRows",
    "Key",
    "UnreachableError",
    "UtcDateTime",
    "begin_of",
    "blames_a_row",
    "copy_sqlite",
    "day_of",
    "exclusively",
    "explain",
    "holds",
    "metadata",
    "now",
    "upsert",
    "without_password",
]
