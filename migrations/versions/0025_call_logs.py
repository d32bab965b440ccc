"""rows of the PSTN and Direct Routing logs"""

import sqlalchemy as sa
from alembic import op

from app.db import ExactDecimal, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROWS = "call_log_rows"
INDICES = (
    ("call_key",),
    ("callee_digits", "ordered_at"),
    ("caller_digits", "ordered_at"),
    ("final_sip_code", "ordered_at"),
    ("join_id",),
    ("kind", "ordered_at", "key"),
    ("ordered_at", "key"),
    ("tenant_id", "kind", "ordered_at", "key"),
    ("trunk", "ordered_at"),
    ("user_address", "ordered_at"),
    ("user_id", "ordered_at"),
)


def upgrade() -> None:
    op.create_table(
        "call_log_rows",
        sa.Column("key", Key, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False, comment="pstn or direct_routing"),
        sa.Column("row_id", sa.Text(), nullable=False, comment="Graph: id; a hash of the row where Graph gave none"),
        sa.Column(
            "ordered_at",
            sa.BigInteger(),
            nullable=False,
            comment="start, else invite, failure, end or first_seen_at, in µs",
        ),
        sa.Column(
            "start_at",
            sa.BigInteger(),
            comment="Graph: startDateTime; microseconds since 1970; null where Graph has none, or 0001-01-01",
        ),
        sa.Column(
            "invite_at",
            sa.BigInteger(),
            comment="Graph: inviteDateTime; microseconds since 1970; null where Graph has none, or 0001-01-01",
        ),
        sa.Column(
            "failure_at",
            sa.BigInteger(),
            comment="Graph: failureDateTime; microseconds since 1970; null where Graph has none, or 0001-01-01",
        ),
        sa.Column(
            "end_at",
            sa.BigInteger(),
            comment="Graph: endDateTime; microseconds since 1970; null where Graph has none, or 0001-01-01",
        ),
        sa.Column("talk_seconds", sa.Double(), comment="end less start; 0 where the call was not established"),
        sa.Column("occupied_from", sa.BigInteger(), comment="when a channel was taken: invite, else start; in µs"),
        sa.Column("occupied_until", sa.BigInteger(), comment="when it was free again: end or failure; in µs"),
        sa.Column(
            "direction", sa.String(length=8), nullable=False, comment="inbound, outbound or unknown, from call_type"
        ),
        sa.Column("is_voice_app", sa.Boolean(), nullable=False, comment="auto attendant or call queue, from call_type"),
        sa.Column("is_conference", sa.Boolean(), nullable=False, comment="audio conferencing, from call_type"),
        sa.Column("user_id", sa.Text(), comment="Graph: userId, in its normal form"),
        sa.Column("user_address", sa.Text(), comment="user_principal_name in its normal form, as in people"),
        sa.Column("user_principal_name", sa.Text()),
        sa.Column("user_display_name", sa.Text()),
        sa.Column("call_type", sa.Text()),
        sa.Column("caller_number", sa.Text()),
        sa.Column("callee_number", sa.Text()),
        sa.Column("duration", sa.BigInteger()),
        sa.Column("call_id", sa.Text()),
        sa.Column("conference_id", sa.Text()),
        sa.Column("call_duration_source", sa.Text()),
        sa.Column("usage_country_code", sa.Text()),
        sa.Column("tenant_country_code", sa.Text()),
        sa.Column("currency", sa.Text()),
        sa.Column("destination_context", sa.Text()),
        sa.Column("destination_name", sa.Text()),
        sa.Column("inventory_type", sa.Text()),
        sa.Column("license_capability", sa.Text()),
        sa.Column("operator", sa.Text()),
        sa.Column("correlation_id", sa.Text()),
        sa.Column("media_path_location", sa.Text()),
        sa.Column("signaling_location", sa.Text()),
        sa.Column("final_sip_code_phrase", sa.Text()),
        sa.Column("final_sip_code", sa.BigInteger()),
        sa.Column("call_end_sub_reason", sa.BigInteger()),
        sa.Column("successful_call", sa.Boolean()),
        sa.Column("media_bypass_enabled", sa.Boolean()),
        sa.Column("trunk", sa.Text()),
        sa.Column(
            "caller_digits", sa.Text(), comment="digits of caller_number, without those that are masked; null if none"
        ),
        sa.Column(
            "callee_digits", sa.Text(), comment="digits of callee_number, without those that are masked; null if none"
        ),
        sa.Column("caller_hidden_digits", sa.Integer(), comment="number of digits at the end that are masked with *"),
        sa.Column("callee_hidden_digits", sa.Integer(), comment="number of digits at the end that are masked with *"),
        sa.Column("charge", ExactDecimal(), comment="Graph: charge, exactly"),
        sa.Column("connection_charge", ExactDecimal(), comment="Graph: connectionCharge, exactly"),
        sa.Column("charge_millionths", sa.BigInteger(), comment="charge in millionths of the currency, to add up"),
        sa.Column("connection_charge_millionths", sa.BigInteger(), comment="connection_charge likewise"),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="the row as Graph returned it, compressed"),
        sa.Column("raw_bytes", sa.Integer(), nullable=False, comment="its size before compression"),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of its properties"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="1, then one more for each change of its content"),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False, comment="when Graph returned it first"),
        sa.Column(
            "changed_at",
            UtcDateTime(),
            nullable=False,
            comment="when this content was read first, or a person erased",
        ),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False, comment="when Graph returned it last, to the day"),
        sa.Column(
            "join_id", sa.Text(), comment="id of the call that the row names: correlation_id, or a GUID in call_id"
        ),
        sa.Column(
            "join_due",
            sa.Boolean(),
            nullable=False,
            comment="to be joined again: the row or a call at its time changed",
        ),
        sa.Column("call_key", sa.BigInteger(), comment="the archived call that it was joined with: call_records.key"),
        sa.Column("join_method", sa.String(length=9), comment="id or heuristic; null where call_key is null"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_call_log_rows")),
        sa.UniqueConstraint("row_id", "tenant_id", "kind", name=op.f("uq_call_log_rows_row_id_tenant_id_kind")),
    )
    op.create_table(
        "call_log_row_versions",
        sa.Column(
            "row_key", sa.BigInteger(), autoincrement=False, nullable=False, comment="the row: call_log_rows.key"
        ),
        sa.Column(
            "revision", sa.Integer(), autoincrement=False, nullable=False, comment="of the row when it had this content"
        ),
        sa.Column(
            "document", sa.LargeBinary(), nullable=False, comment="the row as Graph returned it then, compressed"
        ),
        sa.Column("raw_bytes", sa.Integer(), nullable=False, comment="its size before compression"),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of its properties"),
        sa.Column("changed_at", UtcDateTime(), nullable=False, comment="when this content was read first"),
        sa.Column("replaced_at", UtcDateTime(), nullable=False, comment="when another content was read"),
        sa.PrimaryKeyConstraint("row_key", "revision", name=op.f("pk_call_log_row_versions")),
    )
    op.create_table(
        "call_log_windows",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False, comment="pstn or direct_routing"),
        sa.Column("day", sa.String(length=10), nullable=False, comment="of the starts of calls, in UTC: 2026-01-31"),
        sa.Column(
            "step_seconds",
            sa.Integer(),
            nullable=False,
            comment="length of one query: a day, or less if it has many rows",
        ),
        sa.Column(
            "reached_at", sa.BigInteger(), comment="the end of what this pass has read, in µs; null between two passes"
        ),
        sa.Column("rows_so_far", sa.Integer(), nullable=False, comment="read in this pass"),
        sa.Column("row_count", sa.Integer(), comment="read in the last complete pass"),
        sa.Column("read_at", UtcDateTime(), comment="start of the last complete pass; null if there was none"),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "day", name=op.f("pk_call_log_windows")),
    )
    op.create_table(
        "call_log_states",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False, comment="pstn or direct_routing"),
        sa.Column("read_at", UtcDateTime(), comment="the last window that was read completely"),
        sa.Column(
            "refused_at", UtcDateTime(), comment="when Graph refused it for a missing permission; null if permitted"
        ),
        sa.Column("failed_at", UtcDateTime(), comment="the last error; null after a window that was read completely"),
        sa.Column("error", sa.Text(), comment="what it was"),
        sa.PrimaryKeyConstraint("tenant_id", "kind", name=op.f("pk_call_log_states")),
    )
    op.create_table(
        "call_log_changed_calls",
        sa.Column("key", Key, nullable=False),
        sa.Column("call_key", sa.BigInteger(), nullable=False, comment="a call that was saved: call_records.key"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_call_log_changed_calls")),
    )
    for columns in INDICES:
        op.create_index(f"ix_{ROWS}_{'_'.join(columns)}", ROWS, list(columns))
    op.create_index(
        f"ix_{ROWS}_join_due",
        ROWS,
        ["key"],
        sqlite_where=sa.text("join_due = 1"),
        postgresql_where=sa.text("join_due"),
    )


def downgrade() -> None:
    for table in ("call_log_changed_calls", "call_log_states", "call_log_windows", "call_log_row_versions", ROWS):
        op.drop_table(table)
