"""The tables of outcomes: the way of each call through voice apps, and what is known of resource accounts."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, String, Table, Text

from app.db import UtcDateTime, metadata

voice_app_steps = Table(
    "voice_app_steps",
    metadata,
    Column("call_key", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False, comment="auto_attendant, call_queue, agent, voicemail or number"),
    Column("object_id", Text, comment="of the resource account or of the agent, in its normal form"),
    Column("name", Text, comment="as the record says it"),
    Column("start_date_time", UtcDateTime),
    Column("end_date_time", UtcDateTime),
    Column("result", Text, comment="in Microsoft's words, where one is known"),
    Column("agents_offered", Integer, nullable=False),
    Column("wait_seconds", Double, comment="in a queue, until an agent answered or the caller left it"),
    Index("ix_voice_app_steps_object_id_start_date_time", "object_id", "start_date_time"),
    sqlite_with_rowid=False,
)

voice_apps = Table(
    "voice_apps",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("object_id", Text, primary_key=True, comment="in its normal form"),
    Column("name", Text, comment="null where no record and no file names it"),
    Column("kind", String(20), nullable=False, comment="auto_attendant or call_queue"),
    Column("is_imported", Boolean, nullable=False, comment="from a file; else learned from a record"),
    Column("revision", BigInteger, nullable=False, comment="one higher with each file; 0 where learned"),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("applied_at", UtcDateTime, comment="when the archived calls of a changed account were marked"),
    sqlite_with_rowid=False,
)
