"""The keys and sign-in sessions, of which only hashes are stored, and the audit, a row for each read."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

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
    Column("expires_at", UtcDateTime),
    Column("sites", Text, comment="a JSON list; null means every site"),
)

sign_in_sessions = Table(
    "sign_in_sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True, comment="of the random value in the cookie"),
    Column("id", String(16), nullable=False, unique=True, comment="by which an administrator ends it"),
    Column("method", String(5), nullable=False, comment="key or entra"),
    Column("who", String(64), nullable=False, comment="a key's name, or the object id of a person"),
    Column("scope", String(5), comment="of method entra; a key's is in its own row"),
    Column("tenants", Text, comment="likewise, a JSON list"),
    Column("key_proof", String(64), comment="of API_KEY: a hash keyed with the cookie's value"),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

# Programs from before revision 0015 use it, and they may run beside this one. This program does not.
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
    Column("person", LargeBinary, comment="keyed hash of the person whose page it was"),
    Column("answered", Integer, comment="how many records a list answered"),
    Index("ix_audit_at_id", "at", "id"),
    Index("ix_audit_who_at_id", "who", "at", "id"),
    Index("ix_audit_call_id_at_id", "call_id", "at", "id"),
    Index("ix_audit_person_at_id", "person", "at", "id"),
)
