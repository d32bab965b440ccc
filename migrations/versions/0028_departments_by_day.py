"""counts of calls by department"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NAMES = ("calls", "milliseconds", "participants", "failed_calls", "poor_calls", "call_streams", "call_poor_streams")


def upgrade() -> None:
    op.create_table(
        "directory_changes",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_directory_changes")),
    )
    op.create_table(
        "department_days",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False, comment="how often calls of the day changed"),
        sa.Column("counted_changes", sa.BigInteger(), nullable=True, comment="the same when departments were counted"),
        sa.Column(
            "directory_revision",
            sa.BigInteger(),
            nullable=True,
            comment="of the directory by which they were counted",
        ),
        sa.Column("counted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_department_days")),
    )
    op.create_table(
        "department_counts",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column(
            "hour", sa.Integer(), autoincrement=False, nullable=False, comment="0 to 23, or -1: the complete day"
        ),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False, comment="empty: calls without a person of the directory"),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in NAMES),
        sa.PrimaryKeyConstraint("day", "hour", "tenant_id", "department", name=op.f("pk_department_counts")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("department_counts", "department_days", "directory_changes"):
        op.drop_table(table)
