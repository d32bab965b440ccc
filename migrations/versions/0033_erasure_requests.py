"""requests to erase a person, which are worked on in the background"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure_requests",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.String(32), nullable=False, comment="as in erasures: random"),
        sa.Column(
            "known",
            sa.Text(),
            nullable=True,
            comment="JSON: ids, addresses and names to be searched for; null once it is finished",
        ),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False, comment="the last progress"),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("own_calls", sa.BigInteger(), nullable=False, comment="the person's calls by the index of people"),
        sa.Column("own_calls_done", sa.BigInteger(), nullable=False, comment="of them, rewritten so far"),
        sa.Column("documents", sa.BigInteger(), nullable=False, comment="all documents, which are searched after that"),
        sa.Column("documents_done", sa.BigInteger(), nullable=False, comment="of them, searched so far"),
        sa.Column(
            "call_key", sa.BigInteger(), nullable=False, comment="the last document that was searched: of this call"
        ),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="and of this version"),
        sa.Column(
            "again",
            sa.Boolean(),
            nullable=False,
            comment="a new id or name was found: all documents are searched again",
        ),
        sa.Column("changed_calls", sa.BigInteger(), nullable=False, comment="calls in which the person was"),
        sa.Column(
            "changed_rows", sa.Text(), nullable=False, comment="JSON: by table, the rows in which the person was"
        ),
        sa.Column("unreadable_calls", sa.BigInteger(), nullable=False, comment="calls whose document cannot be read"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_erasure_requests")),
    )


def downgrade() -> None:
    op.drop_table("erasure_requests")
