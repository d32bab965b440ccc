"""sessions of the pages that were ended before their time"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_sessions",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False, comment="forgotten once the session had ended by itself"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ended_sessions")),
    )


def downgrade() -> None:
    op.drop_table("ended_sessions")
