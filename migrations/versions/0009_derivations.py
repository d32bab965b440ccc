"""by which program what is derived from a call was derived"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_call_records_underived_9"

# Filled by the migrations before, or saved by a program that knew of them. Of a call that was replaced since, one
# cannot see by whom: those of the last days are derived once more.
FILLED = sa.text("""
    UPDATE call_records SET derivation = 9, derived_revision = revision
    WHERE (revision = 1 OR stored_at < :before)
    AND EXISTS (SELECT 1 FROM call_tallies WHERE call_tallies.call_key = call_records.key)
""").bindparams(sa.bindparam("before", type_=UtcDateTime()))
DAYS = timedelta(days=7)


def upgrade() -> None:
    op.add_column("call_records", sa.Column("derivation", sa.Integer(), nullable=True))
    op.add_column("call_records", sa.Column("derived_revision", sa.Integer(), nullable=True))
    op.get_bind().execute(FILLED, {"before": datetime.now(UTC) - DAYS})
    underived = sa.text("derivation IS NULL OR derivation < 9 OR derived_revision != revision")
    op.create_index(INDEX, "call_records", ["key"], sqlite_where=underived, postgresql_where=underived)


def downgrade() -> None:
    op.drop_index(INDEX, "call_records")
    for name in ("derived_revision", "derivation"):
        op.drop_column("call_records", name)
