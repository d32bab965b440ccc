"""erasures, and the secret of their hashes"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="HMAC-SHA-256 of an id or a user principal name"),
        sa.Column(
            "person", sa.String(length=32), nullable=False, comment="random; the same for all ids of one erasure"
        ),
        sa.Column("only_without_id", sa.Boolean(), nullable=False, comment="a name that another id may have by now"),
        sa.Column("erased_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erasures")),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )


def downgrade() -> None:
    op.drop_table("secrets")
    op.drop_table("erasures")
