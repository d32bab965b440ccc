"""the time and the organizer of calls in the inbox, where Graph's list gave them"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("call_start", UtcDateTime(), nullable=True, comment="where Graph's list gave it"))
    op.add_column(
        "inbox",
        sa.Column(
            "organizer_id",
            sa.Text(),
            nullable=True,
            comment="likewise, in its normal form; erased with the person",
        ),
    )
    op.add_column("inbox", sa.Column("organizer_name", sa.Text(), nullable=True, comment="likewise"))


def downgrade() -> None:
    for name in ("organizer_name", "organizer_id", "call_start"):
        op.drop_column("inbox", name)
