"""The table of alerts: those that fire, and the history of those that are over."""

from sqlalchemy import BigInteger, Column, Double, Index, String, Table, Text

from app.db import Key, UtcDateTime, metadata

FIRING, RESOLVED = "firing", "resolved"

alerts = Table(
    "alerts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("fingerprint", String(32), nullable=False, comment="of rule, tenant and value of the dimension"),
    Column("rule", String(40), nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("dimension", String(40), nullable=False),
    Column("value", Text, nullable=False),
    Column("state", String(10), nullable=False, comment="firing or resolved"),
    Column("severity", String(10), nullable=False, comment="warning or critical"),
    Column("hour", BigInteger, nullable=False, comment="hours from 1970: the newest window that breached"),
    Column("judged", BigInteger, nullable=False, comment="streams of that window, good or poor"),
    Column("poor", BigInteger, nullable=False, comment="of these, poor"),
    Column("calls", BigInteger, nullable=False, comment="calls of that window"),
    Column("threshold", Double, nullable=False),
    Column("fired_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, comment="when a window last breached"),
    Column("reported_at", UtcDateTime, comment="when it last became an event; none while it is muted or inhibited"),
    Column("resolved_at", UtcDateTime),
    Column("acknowledged_by", String, comment="the name of a key"),
    Column("acknowledged_at", UtcDateTime),
    Index("ix_alerts_state_rule", "state", "rule"),
    Index("ix_alerts_fingerprint_id", "fingerprint", "id"),
)
