"""which forms of notifications and requests Graph uses for a tenant"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column(
        "not_understood_total",
        sa.BigInteger(),
        nullable=False,
        server_default="0",
        comment="notifications with our client state that have no known form",
    ),
    sa.Column("not_understood_at", UtcDateTime(), nullable=True, comment="the last of them"),
    sa.Column("not_understood_shape", sa.String(), nullable=True, comment="how it was written, without its content"),
    sa.Column(
        "record_form",
        sa.String(),
        nullable=True,
        comment="how Graph gives a record with its relations: app.graph.records.expand",
    ),
    sa.Column("record_form_at", UtcDateTime(), nullable=True, comment="when Graph answered so"),
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("tenants", column)


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("tenants", column.name)
