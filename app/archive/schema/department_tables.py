"""The counts of departments, beside the daily counts, because an import of a directory changes all of them."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from app.db import Key, UtcDateTime, metadata

# The highest key is the revision of the directory.
directory_changes = Table(
    "directory_changes",
    metadata,
    Column("key", Key, primary_key=True),
    Column("changed_at", UtcDateTime, nullable=False),
)

department_days = Table(
    "department_days",
    metadata,
    Column("day", Text, primary_key=True),
    Column("changes", BigInteger, nullable=False, comment="how often calls of the day changed"),
    Column("counted_changes", BigInteger, comment="the same when departments were counted"),
    Column("directory_revision", BigInteger, comment="of the directory by which they were counted"),
    Column("counted_at", UtcDateTime),
)

NAMES = ("calls", "milliseconds", "participants", "failed_calls", "poor_calls", "call_streams", "call_poor_streams")
"""Of the calls of a value, in the order of queries.stats.Counts; also columns of the other counts."""

WHOLE_DAY = -1
"""The hour of a row that counts the complete day."""

department_counts = Table(
    "department_counts",
    metadata,
    Column("day", Text, primary_key=True),  # 2026-01-31, in UTC
    Column("hour", Integer, primary_key=True, autoincrement=False, comment="0 to 23, or -1: the complete day"),
    Column("tenant_id", Text, primary_key=True),
    Column("department", Text, primary_key=True, comment="empty: calls without a person of the directory"),
    *(Column(name, BigInteger, nullable=False) for name in NAMES),
    sqlite_with_rowid=False,
)
