"""The tables of webhooks and of what is delivered to them."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from app.db import Key, UtcDateTime, metadata

ACTIVE, DISABLED, REMOVED = "active", "disabled", "removed"
PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
STATES = (PENDING, DELIVERED, FAILED)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("url", LargeBinary, comment="encrypted; none after it was removed"),
    Column("shown_url", Text, nullable=False, comment="without query, and without path where that is a secret"),
    Column("format", String(20), nullable=False, comment="standard, teams or alertmanager"),
    Column("events", Text, nullable=False, comment="JSON list of event types"),
    Column("tenants", Text, comment="JSON list: only events of these tenants; none: of all"),
    Column("secret", LargeBinary, comment="encrypted; signs each delivery"),
    Column("previous_secret", LargeBinary, comment="encrypted; signs as well until previous_until"),
    Column("previous_until", UtcDateTime),
    Column("state", String(10), nullable=False, comment="active, disabled or removed"),
    Column("reason", Text, comment="why it is disabled"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False, comment="the name of the key, or `command line`"),
    Column("revision", BigInteger, nullable=False, comment="the greatest of all grows with each change of a webhook"),
    Column("failures", Integer, nullable=False, comment="deliveries that failed since the last one that did not"),
    Column("failing_since", UtcDateTime, comment="the first of these failures"),
    Column("paused_until", UtcDateTime, comment="nothing is delivered before"),
    Column("last_status", Integer, comment="HTTP status of the last answer"),
    Column("last_error", Text),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("webhook_id", String(20), nullable=False),
    Column("event_id", String(36), nullable=False, comment="the header webhook-id, the same in every attempt"),
    Column("kind", String(40), nullable=False, comment="event type"),
    Column("subject", Text, nullable=False, comment="events of one subject, for example a call, stay in order"),
    Column("tenant_id", Text),
    Column("data", Text, nullable=False, comment="JSON: ids, counts and verdicts; no personal data"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False, comment="it is attempted for three days from then on"),
    Column("state", String(10), nullable=False, comment="pending, delivered or failed"),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False, comment="not before; while claimed, the end of the lease"),
    Column("claimed_by", String, comment="the process that sends it now"),
    Column("last_status", Integer, comment="HTTP status of the last answer"),
    Column("last_error", Text),
    Column("finished_at", UtcDateTime, comment="when it was delivered or failed"),
    Index("ix_deliveries_webhook_id_state_due_at", "webhook_id", "state", "due_at"),
    Index("ix_deliveries_webhook_id_subject_id", "webhook_id", "subject", "id"),
)
Index(
    "ix_deliveries_finished_at",
    deliveries.c.finished_at,
    sqlite_where=deliveries.c.finished_at.is_not(None),
    postgresql_where=deliveries.c.finished_at.is_not(None),
)
