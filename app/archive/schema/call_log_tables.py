"""The tables of Microsoft's PSTN and Direct Routing logs: one row for each log row of both kinds, earlier bodies of
rows that changed, and how far each log is read.

Both kinds are in one table, because searches, joins with calls and erasure treat them alike. Columns that the other
kind has are null.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    true,
)

from app.archive.schema.call_log_types import COLUMNS
from app.archive.schema.tables import TYPES
from app.db import ExactDecimal, Key, UtcDateTime, metadata, partial

MOMENT = "microseconds since 1970; null where Graph has none, or 0001-01-01"

call_log_rows = Table(
    "call_log_rows",
    metadata,
    Column("key", Key, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("kind", String(14), nullable=False, comment="pstn or direct_routing"),
    Column("row_id", Text, nullable=False, comment="Graph: id; a hash of the row where Graph gave none"),
    Column(
        "ordered_at", BigInteger, nullable=False, comment="start, else invite, failure, end or first_seen_at, in µs"
    ),
    Column("start_at", BigInteger, comment=f"Graph: startDateTime; {MOMENT}"),
    Column("invite_at", BigInteger, comment=f"Graph: inviteDateTime; {MOMENT}"),
    Column("failure_at", BigInteger, comment=f"Graph: failureDateTime; {MOMENT}"),
    Column("end_at", BigInteger, comment=f"Graph: endDateTime; {MOMENT}"),
    Column("talk_seconds", Double, comment="end less start; 0 where the call was not established"),
    Column("occupied_from", BigInteger, comment="when a channel was taken: invite, else start; in µs"),
    Column("occupied_until", BigInteger, comment="when it was free again: end or failure; in µs"),
    Column("direction", String(8), nullable=False, comment="inbound, outbound or unknown, from call_type"),
    Column("is_voice_app", Boolean, nullable=False, comment="auto attendant or call queue, from call_type"),
    Column("is_conference", Boolean, nullable=False, comment="audio conferencing, from call_type"),
    Column("user_id", Text, comment="Graph: userId, in its normal form"),
    Column("user_address", Text, comment="user_principal_name in its normal form, as in people"),
    *(Column(field.column, TYPES[field.kind]) for field in COLUMNS),
    Column("caller_digits", Text, comment="digits of caller_number, without those that are masked; null if none"),
    Column("callee_digits", Text, comment="digits of callee_number, without those that are masked; null if none"),
    Column("caller_hidden_digits", Integer, comment="number of digits at the end that are masked with *"),
    Column("callee_hidden_digits", Integer, comment="number of digits at the end that are masked with *"),
    Column("charge", ExactDecimal, comment="Graph: charge, exactly"),
    Column("connection_charge", ExactDecimal, comment="Graph: connectionCharge, exactly"),
    Column("charge_millionths", BigInteger, comment="charge in millionths of the currency, to add up"),
    Column("connection_charge_millionths", BigInteger, comment="connection_charge likewise"),
    Column("document", LargeBinary, nullable=False, comment="the row as Graph returned it, compressed"),
    Column("raw_bytes", Integer, nullable=False, comment="its size before compression"),
    Column("content_hash", LargeBinary, nullable=False, comment="SHA-256 of its properties"),
    Column("revision", Integer, nullable=False, comment="1, then one more for each change of its content"),
    Column("first_seen_at", UtcDateTime, nullable=False, comment="when Graph returned it first"),
    Column("changed_at", UtcDateTime, nullable=False, comment="when this content was read first, or a person erased"),
    Column("last_seen_at", UtcDateTime, nullable=False, comment="when Graph returned it last, to the day"),
    Column("join_id", Text, comment="id of the call that the row names: correlation_id, or a GUID in call_id"),
    Column("join_due", Boolean, nullable=False, comment="to be joined again: the row or a call at its time changed"),
    Column("call_key", BigInteger, comment="the archived call that it was joined with: call_records.key"),
    Column("join_method", String(9), comment="id or heuristic; null where call_key is null"),
    UniqueConstraint("row_id", "tenant_id", "kind"),
    Index("ix_call_log_rows_kind_ordered_at_key", "kind", "ordered_at", "key"),
    Index("ix_call_log_rows_tenant_id_kind_ordered_at_key", "tenant_id", "kind", "ordered_at", "key"),
    Index("ix_call_log_rows_ordered_at_key", "ordered_at", "key"),  # retention, and lists of both kinds
    Index("ix_call_log_rows_user_id_ordered_at", "user_id", "ordered_at"),
    Index("ix_call_log_rows_user_address_ordered_at", "user_address", "ordered_at"),
    Index("ix_call_log_rows_caller_digits_ordered_at", "caller_digits", "ordered_at"),
    Index("ix_call_log_rows_callee_digits_ordered_at", "callee_digits", "ordered_at"),
    Index("ix_call_log_rows_trunk_ordered_at", "trunk", "ordered_at"),
    Index("ix_call_log_rows_final_sip_code_ordered_at", "final_sip_code", "ordered_at"),
    Index("ix_call_log_rows_call_key", "call_key"),
    Index("ix_call_log_rows_join_id", "join_id"),
)
Index(
    "ix_call_log_rows_join_due",
    call_log_rows.c.key,
    **partial(call_log_rows.c.join_due == true()),
)

# All that the figures of a range read, so that SQLite reads no rows beside it. PostgreSQL has none: its index entries
# are limited in length, and it reads rows that were stored one after another quickly.
_FIGURES = (
    "kind ordered_at tenant_id trunk user_id user_address call_type destination_name direction is_voice_app"
    " successful_call final_sip_code call_end_sub_reason duration talk_seconds start_at invite_at occupied_from"
    " occupied_until currency charge_millionths connection_charge_millionths license_capability"
)
Index(
    "ix_call_log_rows_figures", *(call_log_rows.c[name] for name in _FIGURES.split()), info={"only_on": "sqlite"}
).ddl_if(dialect="sqlite")

call_log_row_versions = Table(
    "call_log_row_versions",
    metadata,
    Column("row_key", BigInteger, primary_key=True, autoincrement=False, comment="the row: call_log_rows.key"),
    Column("revision", Integer, primary_key=True, autoincrement=False, comment="of the row when it had this content"),
    Column("document", LargeBinary, nullable=False, comment="the row as Graph returned it then, compressed"),
    Column("raw_bytes", Integer, nullable=False, comment="its size before compression"),
    Column("content_hash", LargeBinary, nullable=False, comment="SHA-256 of its properties"),
    Column("changed_at", UtcDateTime, nullable=False, comment="when this content was read first"),
    Column("replaced_at", UtcDateTime, nullable=False, comment="when another content was read"),
)

call_log_windows = Table(
    "call_log_windows",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("kind", String(14), primary_key=True, comment="pstn or direct_routing"),
    Column("day", String(10), primary_key=True, comment="of the starts of calls, in UTC: 2026-01-31"),
    Column("step_seconds", Integer, nullable=False, comment="length of one query: a day, or less if it has many rows"),
    Column("reached_at", BigInteger, comment="the end of what this pass has read, in µs; null between two passes"),
    Column("rows_so_far", Integer, nullable=False, comment="read in this pass"),
    Column("row_count", Integer, comment="read in the last complete pass"),
    Column("read_at", UtcDateTime, comment="start of the last complete pass; null if there was none"),
)

call_log_states = Table(
    "call_log_states",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("kind", String(14), primary_key=True, comment="pstn or direct_routing"),
    Column("read_at", UtcDateTime, comment="the last window that was read completely"),
    Column("refused_at", UtcDateTime, comment="when Graph refused it for a missing permission; null if permitted"),
    Column("failed_at", UtcDateTime, comment="the last error; null after a window that was read completely"),
    Column("error", Text, comment="what it was"),
)

# Written in the transaction that saves a call, and only where there are rows; deleted once rows were joined with it.
call_log_changed_calls = Table(
    "call_log_changed_calls",
    metadata,
    Column("key", Key, primary_key=True),
    Column("call_key", BigInteger, nullable=False, comment="a call that was saved: call_records.key"),
)
