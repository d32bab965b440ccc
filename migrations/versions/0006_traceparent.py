"""the trace in which a call was announced, for the fetch to be linked to"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    told = "the span in which we were told last, where spans are kept"
    op.add_column("inbox", sa.Column("traceparent", sa.String(55), nullable=True, comment=told))


def downgrade():
    op.drop_column("inbox", "traceparent")
