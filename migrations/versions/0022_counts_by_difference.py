"""counts of hours and days, changed by what each call adds; filled in the background"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INDEX = "ix_call_tallies_day"
MEASURES = (
    "streams",
    "judged",
    "poor",
    "calls",
    "poor_calls",
    "failed_calls",
    "milliseconds",
    "participants",
    "call_streams",
    "call_poor_streams",
)


def upgrade() -> None:
    op.create_table(
        "call_counts",
        sa.Column("call_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False, comment="hours from 1970 until the call began"),
        sa.Column("counts", sa.Text(), nullable=False, comment="JSON: what the call adds to the counts of that hour"),
        sa.PrimaryKeyConstraint("call_key", name=op.f("pk_call_counts")),
    )
    op.create_table(
        "count_changes",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False, comment="1: to be added; -1: to be subtracted"),
        sa.Column("counts", sa.Text(), nullable=False, comment="as in call_counts"),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_count_changes")),
    )
    op.create_table(
        "counted_values",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_counted_values")),
        sa.UniqueConstraint(
            "dimension", "value", "tenant_id", name=op.f("uq_counted_values_dimension_value_tenant_id")
        ),
    )
    op.create_table(
        "hour_counts",
        sa.Column("value_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in MEASURES),
        sa.PrimaryKeyConstraint("value_key", "hour", name=op.f("pk_hour_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "day_counts",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in MEASURES),
        sa.PrimaryKeyConstraint("dimension", "day", "tenant_id", "value", name=op.f("pk_day_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "count_proofs",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("proven_at", UtcDateTime(), nullable=False, comment="when it was last compared with its calls"),
        sa.Column("drift", sa.BigInteger(), nullable=False, comment="rows that were wrong then and were corrected"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_count_proofs")),
    )
    op.create_index(INDEX, "call_tallies", ["day"])


def downgrade() -> None:
    op.drop_index(INDEX, "call_tallies")
    for table in ("count_proofs", "day_counts", "hour_counts", "counted_values", "count_changes", "call_counts"):
        op.drop_table(table)
