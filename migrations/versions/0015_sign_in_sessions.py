"""a row for each sign-in session of the pages, and the expiry of API keys"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Sessions that began before exist only in their cookies: their users sign in again.
    op.create_table(
        "sign_in_sessions",
        sa.Column("token_sha256", sa.String(length=64), nullable=False, comment="of the random value in the cookie"),
        sa.Column("id", sa.String(length=16), nullable=False, comment="by which an administrator ends it"),
        sa.Column("method", sa.String(length=5), nullable=False, comment="key or entra"),
        sa.Column("who", sa.String(length=64), nullable=False, comment="a key's name, or the object id of a person"),
        sa.Column("scope", sa.String(length=5), nullable=True, comment="of method entra; a key's is in its own row"),
        sa.Column("tenants", sa.Text(), nullable=True, comment="likewise, a JSON list"),
        sa.Column(
            "key_proof", sa.String(length=64), nullable=True, comment="of API_KEY: a hash keyed with the cookie's value"
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sign_in_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_sign_in_sessions_id")),
    )
    op.create_index(op.f("ix_sign_in_sessions_created_at"), "sign_in_sessions", ["created_at"])
    op.add_column("api_keys", sa.Column("expires_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("api_keys", "expires_at")
    op.drop_table("sign_in_sessions")
