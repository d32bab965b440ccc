"""The keys, of which only hashes are stored, the sessions that users ended, and the audit, a row for each read."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from app.db import Key, UtcDateTime, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("sha256", String(64), primary_key=True, comment="of the whole key, which nobody keeps"),
    Column("name", String(64), nullable=False, unique=True, comment="never given twice: the audit refers to it"),
    Column("scope", String(5), nullable=False),
    Column("tenants", Text, comment="a JSON list; null means every tenant"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, comment="to the minute"),
    Column("revoked_at", UtcDateTime),
)

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("ended_at", UtcDateTime, nullable=False, comment="forgotten once the session had ended by itself"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(64), nullable=False, comment="a key's name, or the id in a token"),
    Column("scope", String(5), comment="null for a token without a role"),
    Column("tenants", Text, comment="those the caller may see, a JSON list; null means every tenant"),
    Column("method", String(8), nullable=False),
    Column("route", Text, nullable=False),
    Column("call_id", String(36)),
    Column("parameters", Text, comment="names only, a JSON list: a value may be a person's name"),
    Column("status", Integer, nullable=False),
    Column("answered", Integer, comment="how many records a list answered"),
    Index("ix_audit_at_id", "at", "id"),
    Index("ix_audit_who_at_id", "who", "at", "id"),
    Index("ix_audit_call_id_at_id", "call_id", "at", "id"),
)
