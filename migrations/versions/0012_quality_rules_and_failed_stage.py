"""the rule set that judged a call's streams, the stage at which a call failed, and requests to judge again"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call_records", sa.Column("quality_rules", sa.Text(), nullable=True))
    op.add_column("call_records", sa.Column("failed_stage", sa.Text(), nullable=True))
    op.create_table(
        "reclassifications",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_reclassifications")),
    )


def downgrade() -> None:
    op.drop_table("reclassifications")
    for name in ("failed_stage", "quality_rules"):
        op.drop_column("call_records", name)
