"""webhooks, and the events that are delivered to them"""

import sqlalchemy as sa
from alembic import op

from app.db import Key, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=True, comment="encrypted; none after it was removed"),
        sa.Column(
            "shown_url", sa.Text(), nullable=False, comment="without query, and without path where that is a secret"
        ),
        sa.Column("format", sa.String(length=20), nullable=False, comment="standard, teams or alertmanager"),
        sa.Column("events", sa.Text(), nullable=False, comment="JSON list of event types"),
        sa.Column("tenants", sa.Text(), nullable=True, comment="JSON list: only events of these tenants; none: of all"),
        sa.Column("secret", sa.LargeBinary(), nullable=True, comment="encrypted; signs each delivery"),
        sa.Column(
            "previous_secret", sa.LargeBinary(), nullable=True, comment="encrypted; signs as well until previous_until"
        ),
        sa.Column("previous_until", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False, comment="active, disabled or removed"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is disabled"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False, comment="the name of the key, or `command line`"),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="the greatest of all grows with each change of a webhook",
        ),
        sa.Column(
            "failures", sa.Integer(), nullable=False, comment="deliveries that failed since the last one that did not"
        ),
        sa.Column("failing_since", UtcDateTime(), nullable=True, comment="the first of these failures"),
        sa.Column("paused_until", UtcDateTime(), nullable=True, comment="nothing is delivered before"),
        sa.Column("last_status", sa.Integer(), nullable=True, comment="HTTP status of the last answer"),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", Key, nullable=False),
        sa.Column("webhook_id", sa.String(length=20), nullable=False),
        sa.Column(
            "event_id",
            sa.String(length=36),
            nullable=False,
            comment="the header webhook-id, the same in every attempt",
        ),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="event type"),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="events of one subject, for example a call, stay in order"
        ),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False, comment="JSON: ids, counts and verdicts; no personal data"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False, comment="it is attempted for three days from then on"),
        sa.Column("state", sa.String(length=10), nullable=False, comment="pending, delivered or failed"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False, comment="not before; while claimed, the end of the lease"),
        sa.Column("claimed_by", sa.String(), nullable=True, comment="the process that sends it now"),
        sa.Column("last_status", sa.Integer(), nullable=True, comment="HTTP status of the last answer"),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True, comment="when it was delivered or failed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_webhook_id_state_due_at", "deliveries", ["webhook_id", "state", "due_at"])
    op.create_index("ix_deliveries_webhook_id_subject_id", "deliveries", ["webhook_id", "subject", "id"])
    op.create_index(
        "ix_deliveries_finished_at",
        "deliveries",
        ["finished_at"],
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("webhooks")
