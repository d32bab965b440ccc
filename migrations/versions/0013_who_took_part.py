"""who took part in a call, by every place in which its record names people"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_call_records_underived_13"

# Filled by app.archive.derive in the background: it reads every document of the archive.
COLUMNS = {
    "call_records": {"participants_seen": sa.Integer()},
    "call_people": {"kind": sa.Text(), "seen_in": sa.Integer()},
    "people": {
        "identity_id": sa.Text(),
        "identity_display_name": sa.Text(),
        "identity_user_principal_name": sa.Text(),
        "identity_tenant_id": sa.Text(),
    },
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    underived = sa.text("derivation IS NULL OR derivation < 13 OR derived_revision != revision")
    op.create_index(INDEX, "call_records", ["key"], sqlite_where=underived, postgresql_where=underived)


def downgrade() -> None:
    op.drop_index(INDEX, "call_records")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
