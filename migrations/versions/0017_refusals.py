"""tenants of which Graph refuses every record, what was stored when it refused one, and the folders of exports"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STORED = "records of the tenant stored when Graph first refused this one"


def upgrade() -> None:
    op.create_table(
        "tenant_refusals",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column(
            "since", UtcDateTime(), nullable=False, comment="Graph refuses every record of the tenant since then"
        ),
        sa.Column("check_at", UtcDateTime(), nullable=False, comment="no record is requested before"),
        sa.Column("checks", sa.Integer(), nullable=False, comment="how often it was refused again"),
        sa.Column("stored_total", sa.BigInteger(), nullable=False, comment="records of the tenant stored before"),
        sa.Column("reason", sa.Text(), nullable=False, comment="what Graph answered"),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant_refusals")),
    )
    op.add_column("inbox", sa.Column("stored_when_refused", sa.BigInteger(), nullable=True, comment=STORED))
    op.create_table(
        "export_folders",
        sa.Column("host", sa.String(), nullable=False, comment="the machine or container that wrote it"),
        sa.Column("folder", sa.Text(), nullable=False, comment="its absolute path there"),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("exported_at", UtcDateTime(), nullable=False, comment="the last export into it"),
        sa.PrimaryKeyConstraint("host", "folder", name=op.f("pk_export_folders")),
    )


def downgrade() -> None:
    op.drop_table("export_folders")
    op.drop_column("inbox", "stored_when_refused")
    op.drop_table("tenant_refusals")
