"""tables that no worker's transaction locks: what the webhook writes, and a probe of writing"""

import sqlalchemy as sa
from alembic import op

from app.db import Key, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_DUE_ON_POSTGRESQL = """
INSERT INTO inbox (tenant_id, call_id, state, notices, attempts, first_seen_at, due_at, deadline)
SELECT tenant_id, call_id, 'due', count(*), 0, min(received_at), min(received_at),
       min(received_at) + interval '30 days'
FROM deferred_notices GROUP BY tenant_id, call_id
ON CONFLICT (tenant_id, call_id) DO UPDATE SET notices = inbox.notices + excluded.notices, state = 'due'
"""
_DUE_ON_SQLITE = """
INSERT INTO inbox (tenant_id, call_id, state, notices, attempts, first_seen_at, due_at, deadline)
SELECT tenant_id, call_id, 'due', count(*), 0, min(received_at), min(received_at),
       strftime('%Y-%m-%d %H:%M:%f', min(received_at), '30 days') || '000'
FROM deferred_notices WHERE true GROUP BY tenant_id, call_id
ON CONFLICT (tenant_id, call_id) DO UPDATE SET notices = inbox.notices + excluded.notices, state = 'due'
"""


def upgrade() -> None:
    op.create_table(
        "webhook_marks",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("notified_at", UtcDateTime(), nullable=True, comment="the last notification stored"),
        sa.Column(
            "not_understood_total",
            sa.BigInteger(),
            nullable=False,
            server_default="0",
            comment="notifications with our client state that have no known form",
        ),
        sa.Column("not_understood_at", UtcDateTime(), nullable=True, comment="the last of them"),
        sa.Column(
            "not_understood_shape", sa.String(), nullable=True, comment="how it was written, without its content"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_webhook_marks")),
    )
    op.create_table(
        "deferred_notices",
        sa.Column("id", Key, nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column(
            "traceparent", sa.String(length=55), nullable=True, comment="the span of the notification, if there is one"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred_notices")),
    )
    op.create_table(
        "write_probes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("filler", sa.LargeBinary(), nullable=False, comment="random bytes, deleted at once"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_probes")),
    )


def downgrade() -> None:
    op.execute(_DUE_ON_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _DUE_ON_SQLITE)
    for table in ("write_probes", "deferred_notices", "webhook_marks"):
        op.drop_table(table)
