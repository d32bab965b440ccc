"""keys and the audit"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="of the whole key, which nobody keeps"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="never given twice: the audit refers to it"),
        sa.Column("scope", sa.String(length=5), nullable=False),
        sa.Column("tenants", sa.Text(), nullable=True, comment="a JSON list; null means every tenant"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True, comment="to the minute"),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False, comment="a key's name, or the id in a token"),
        sa.Column("scope", sa.String(length=5), nullable=True, comment="null for a token without a role"),
        sa.Column(
            "tenants",
            sa.Text(),
            nullable=True,
            comment="those the caller may see, a JSON list; null means every tenant",
        ),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column(
            "parameters",
            sa.Text(),
            nullable=True,
            comment="names only, a JSON list: a value may be a person's name",
        ),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=True, comment="how many records a list answered"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at_id", "audit", ["at", "id"], unique=False)
    op.create_index("ix_audit_who_at_id", "audit", ["who", "at", "id"], unique=False)
    op.create_index("ix_audit_call_id_at_id", "audit", ["call_id", "at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_call_id_at_id", table_name="audit")
    op.drop_index("ix_audit_who_at_id", table_name="audit")
    op.drop_index("ix_audit_at_id", table_name="audit")
    op.drop_table("audit")
    op.drop_table("api_keys")
