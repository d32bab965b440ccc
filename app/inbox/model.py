"""The inbox's one table: a row per call that is due, failed or expired; a finished one is gone."""

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Integer, String, Table, Text, and_

from app.db import UtcDateTime, metadata

DUE, FAILED, EXPIRED = "due", "failed", "expired"
STATES = (DUE, FAILED, EXPIRED)

NOT_FOUND, INCOMPLETE, INTERNAL = "not_found", "incomplete", "internal"
"""Kinds of errors that are asked for; the others are the names of `app.graph.errors` in snake_case."""

inbox = Table(
    "inbox",
    metadata,
    Column("tenant_id", String, primary_key=True),
    Column("call_id", String, primary_key=True),
    Column("state", String(8), nullable=False),
    Column("notices", Integer, nullable=False, comment="how often we were told; a claim remembers what it saw"),
    Column("attempts", Integer, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False, comment="not before; while claimed, the end of the lease"),
    Column("deadline", UtcDateTime, nullable=False, comment="Graph deletes the record then"),
    Column("claimed_by", String, comment="the worker that fetches it now"),
    Column("last_error", Text),
    Column("error_kind", String(20), comment="what last_error is about"),
    Column(
        "stored_when_refused",
        BigInteger,
        comment="records of the tenant stored when Graph first refused this one",
    ),
    Column("traceparent", String(55), comment="the span in which we were told last, where spans are kept"),
    Column("call_start", UtcDateTime, comment="where Graph's list gave it"),
    Column("organizer_id", Text, comment="likewise, in its normal form; erased with the person"),
    Column("organizer_name", Text, comment="likewise"),
    Index("ix_inbox_state_deadline", "state", "deadline"),
)

never_available: ColumnElement[bool] = and_(inbox.c.state == EXPIRED, inbox.c.error_kind == NOT_FOUND)
"""Graph notified us of the call and answered 404 to the end: for short bot calls it often never has a record."""
