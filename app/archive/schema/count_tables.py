"""The tables of the counts: what each call adds, the changes that are not added yet, and the counts of hours and days.

``daily_tables`` has what older programs count in.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Table, Text, UniqueConstraint, select

from app.db import Key, UtcDateTime, metadata

MEASURES = (
    "streams",  # that have the value
    "judged",  # of these, good or poor
    "poor",
    "calls",  # that have the value, with streams or without
    "poor_calls",  # of these, whose quality is poor
    "failed_calls",
    "milliseconds",  # of these calls, from start to end
    "participants",  # of these calls
    "call_streams",  # all streams of these calls
    "call_poor_streams",
)


def _measures() -> list[Column[Any]]:
    return [Column(name, BigInteger, nullable=False) for name in MEASURES]


call_counts = Table(
    "call_counts",
    metadata,
    Column("call_key", BigInteger, primary_key=True, autoincrement=False),
    Column("hour", BigInteger, nullable=False, comment="hours from 1970 until the call began"),
    Column("counts", Text, nullable=False, comment="JSON: what the call adds to the counts of that hour"),
)

# Only inserted and deleted, never changed: no transaction that saves calls waits for another one.
count_changes = Table(
    "count_changes",
    metadata,
    Column("key", Key, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("hour", BigInteger, nullable=False),
    Column("sign", Integer, nullable=False, comment="1: to be added; -1: to be subtracted"),
    Column("counts", Text, nullable=False, comment="as in call_counts"),
    Column("changed_at", UtcDateTime, nullable=False),
)

# Apart, because hours repeat them: a number in its place halves a row.
counted_values = Table(
    "counted_values",
    metadata,
    Column("key", Key, primary_key=True),
    Column("dimension", Text, nullable=False),
    Column("value", Text, nullable=False),  # empty for what has none
    Column("tenant_id", Text, nullable=False),
    UniqueConstraint("dimension", "value", "tenant_id"),
)

# The value before the hour: the hours of a rare value are found at once.
hour_counts = Table(
    "hour_counts",
    metadata,
    Column("value_key", BigInteger, primary_key=True, autoincrement=False),
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    *_measures(),
    sqlite_with_rowid=False,
)

_hour, _value = hour_counts.c, counted_values.c
counts_of_hours = (
    select(_value.dimension, _value.value, _hour.hour, _value.tenant_id, *(_hour[name] for name in MEASURES))
    .join_from(hour_counts, counted_values, _value.key == _hour.value_key)
    .subquery("counts_of_hours")
)
"""Both, to be read with the columns that day_counts has."""

day_counts = Table(
    "day_counts",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # 2026-01-31, in UTC
    Column("tenant_id", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    *_measures(),
    sqlite_with_rowid=False,
)

count_proofs = Table(
    "count_proofs",
    metadata,
    Column("day", Text, primary_key=True),
    Column("proven_at", UtcDateTime, nullable=False, comment="when it was last compared with its calls"),
    Column("drift", BigInteger, nullable=False, comment="rows that were wrong then and were corrected"),
)
