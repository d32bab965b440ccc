"""the directory: department, cost centre and site of each person"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False, comment="of whose calls it says something"),
        sa.Column("user_principal_name", sa.Text(), nullable=False, comment="in its normal form, as in people"),
        sa.Column("department", sa.Text(), nullable=False, comment="empty where the file has none"),
        sa.Column("cost_center", sa.Text(), nullable=False, comment="likewise"),
        sa.Column("site", sa.Text(), nullable=False, comment="likewise"),
        sa.Column("valid_from", sa.BigInteger(), nullable=False, comment="microseconds since 1970; calls from then on"),
        sa.Column("valid_until", sa.BigInteger(), nullable=False, comment="microseconds since 1970; calls before that"),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_directory")),
    )
    op.create_index("ix_directory_user_principal_name", "directory", ["user_principal_name"], unique=False)
    op.create_index("ix_directory_department", "directory", ["department"], unique=False)
    op.add_column(
        "audit",
        sa.Column("person", sa.LargeBinary(), nullable=True, comment="keyed hash of the person whose page it was"),
    )
    op.create_index("ix_audit_person_at_id", "audit", ["person", "at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_person_at_id", "audit")
    op.drop_column("audit", "person")
    op.drop_index("ix_directory_department", "directory")
    op.drop_index("ix_directory_user_principal_name", "directory")
    op.drop_table("directory")
