"""which calls have rows of sessions, segments, media, streams and hops, and the progress of changing that"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0021"
down_revision = "0017"
branch_labels = None
depends_on = None

INDEX = "ix_call_records_has_detail_ordered_at_key"


def upgrade() -> None:
    op.add_column("call_records", sa.Column("has_detail", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index(INDEX, "call_records", ["has_detail", "ordered_at", "key"])
    op.create_table(
        "detail_changes",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("setting", sa.Text(), nullable=False, comment="DETAIL_ROWS as it was read"),
        sa.Column("calls", sa.BigInteger(), nullable=False, comment="to be changed by this run"),
        sa.Column("changed", sa.BigInteger(), nullable=False, comment="of them so far"),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False, comment="the last progress"),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_detail_changes")),
    )


def downgrade() -> None:
    op.drop_table("detail_changes")
    op.drop_index(INDEX, "call_records")
    op.drop_column("call_records", "has_detail")
