"""The tables in which programs before 0022 count: what each call adds to its day, the days to count again, and the
counts of days. This program only moves their rows: see daily.older_counts.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from app.db import Key, metadata

call_tallies = Table(
    "call_tallies",
    metadata,
    Column("call_key", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Text, nullable=False),  # 2026-01-31: when the call began, in UTC
    Column("tallies", Text, nullable=False),  # JSON: see call_dimensions
    Index("ix_call_tallies_day", "day"),
)

# A row for each day of each commit that changed calls, not one for each day: no transaction waits for another row, and
# the counter deletes only the rows that it saw before it read the calls.
untallied_days = Table(
    "untallied_days",
    metadata,
    Column("key", Key, primary_key=True),
    Column("day", Text, nullable=False),
)

# A position stands in the key for the value, which may be longer than an entry of PostgreSQL's index.
day_tallies = Table(
    "day_tallies",
    metadata,
    Column("dimension", Text, primary_key=True),  # one of DIMENSIONS, or all
    Column("day", Text, primary_key=True),
    Column("tenant_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),  # empty for what has none
    Column("streams", BigInteger, nullable=False),
    Column("judged", BigInteger, nullable=False),  # good or poor
    Column("poor", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),  # that have the value, with streams or without
    Column("poor_calls", BigInteger, nullable=False),  # of these, whose quality is poor
    sqlite_with_rowid=False,
)
