"""alerts: those that fire, and the history of those that are over"""

import sqlalchemy as sa
from alembic import op

from app.db import Key, UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", Key, nullable=False),
        sa.Column(
            "fingerprint", sa.String(length=32), nullable=False, comment="of rule, tenant and value of the dimension"
        ),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False, comment="firing or resolved"),
        sa.Column("severity", sa.String(length=10), nullable=False, comment="warning or critical"),
        sa.Column("hour", sa.BigInteger(), nullable=False, comment="hours from 1970: the newest window that breached"),
        sa.Column("judged", sa.BigInteger(), nullable=False, comment="streams of that window, good or poor"),
        sa.Column("poor", sa.BigInteger(), nullable=False, comment="of these, poor"),
        sa.Column("calls", sa.BigInteger(), nullable=False, comment="calls of that window"),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("fired_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False, comment="when a window last breached"),
        sa.Column(
            "reported_at",
            UtcDateTime(),
            nullable=True,
            comment="when it last became an event; none while it is muted or inhibited",
        ),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True, comment="the name of a key"),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_state_rule", "alerts", ["state", "rule"])
    op.create_index("ix_alerts_fingerprint_id", "alerts", ["fingerprint", "id"])


def downgrade() -> None:
    op.drop_table("alerts")
