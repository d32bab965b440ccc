"""what is normal between two calls, and what nobody notified"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "tenants",
        sa.Column(
            "unnotified_since",
            UtcDateTime(),
            nullable=True,
            comment="the end of the first call after the last notification that only a sweep told us of",
        ),
    )
    op.add_column(
        "tenants",
        sa.Column("unnotified_calls", sa.Integer(), nullable=True, comment="how many such calls there are since"),
    )
    op.add_column("tenants", sa.Column("unnotified_total", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "tenants",
        sa.Column("normal_silence", sa.Double(), nullable=True, comment="seconds that may pass between two calls"),
    )


def downgrade() -> None:
    for name in ("normal_silence", "unnotified_total", "unnotified_calls", "unnotified_since"):
        op.drop_column("tenants", name)
