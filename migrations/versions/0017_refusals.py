"""tenants of which Graph refuses every record, and what was stored when it refused one"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

STORED = "records of the tenant stored when Graph first refused this one"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "tenant_refusals",
        sa.Column("tenant_id", sa.String(), primary_key=True),
        sa.Column("since", moment, nullable=False, comment="Graph refuses every record of the tenant since then"),
        sa.Column("check_at", moment, nullable=False, comment="no record is requested before"),
        sa.Column("checks", sa.Integer(), nullable=False, comment="how often it was refused again"),
        sa.Column("stored_total", sa.BigInteger(), nullable=False, comment="records of the tenant stored before"),
        sa.Column("reason", sa.Text(), nullable=False, comment="what Graph answered"),
    )
    op.add_column("inbox", sa.Column("stored_when_refused", sa.BigInteger(), nullable=True, comment=STORED))


def downgrade() -> None:
    op.drop_column("inbox", "stored_when_refused")
    op.drop_table("tenant_refusals")
