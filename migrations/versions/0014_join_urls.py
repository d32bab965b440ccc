"""the key of a call's join URL, by which all calls of one meeting are found"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEX = "ix_call_records_join_url_key"


def upgrade() -> None:
    # Filled by app.archive.upgrade in the background for calls that are archived already.
    op.add_column("call_records", sa.Column("join_url_key", sa.Text(), nullable=True))
    has_one = sa.text("join_url_key IS NOT NULL")
    columns = ["join_url_key", "ordered_at", "key"]
    op.create_index(INDEX, "call_records", columns, sqlite_where=has_one, postgresql_where=has_one)


def downgrade() -> None:
    op.drop_index(INDEX, "call_records")
    op.drop_column("call_records", "join_url_key")
