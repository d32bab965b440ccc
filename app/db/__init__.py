"""The only folder that knows there are two databases; everything else is written once, in SQLAlchemy Core, and tested
on both.
"""

from app.db.database import Database, Readers
from app.db.dedicated import Dedicated
from app.db.errors import TooSlowError, UnreachableError, explain, is_data_error
from app.db.expressions import JsonRows, begin_of, contains_text, day_of, lock_table, lock_writers, now, upsert
from app.db.files.backup import copy_sqlite, without_password
from app.db.limits import Limits
from app.db.types import ExactDecimal, Key, UtcDateTime, metadata, partial

__all__ = [
    "Database",
    "Dedicated",
    "ExactDecimal",
    "JsonRows",
    "Key",
    "Limits",
    "Readers",
    "TooSlowError",
    "UnreachableError",
    "UtcDateTime",
    "begin_of",
    "contains_text",
    "copy_sqlite",
    "day_of",
    "explain",
    "is_data_error",
    "lock_table",
    "lock_writers",
    "metadata",
    "now",
    "partial",
    "upsert",
    "without_password",
]
