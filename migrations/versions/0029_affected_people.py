"""how many people of a call had a poor stream"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call_records", sa.Column("people_affected", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("call_records", "people_affected")
