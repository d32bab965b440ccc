"""The archive's tables: a call record's own row, its children under one small key, and Graph's document apart.

Children have no ids of their own: Graph repeats session, segment and participant ids inside one record, so the
position is the key, and an integer stands for (tenant_id, call_id), because two GUIDs in each stream's row and
index would double what is stored. There are no foreign keys: PostgreSQL would check each of 12,000 streams on
its own, and only ``store`` writes here, parent and children in one transaction.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
    text,
    true,
)
from sqlalchemy.types import TypeEngine

from app.archive.schema import graph_types
from app.archive.schema.derivation import DERIVATION
from app.archive.schema.dimensions import DIMENSION_COLUMNS
from app.archive.schema.graph_types import Kind, Shape, prefixed
from app.archive.schema.outcome_tables import voice_app_steps
from app.archive.schema.site_tables import endpoint_sites, site_people
from app.db import Key, UtcDateTime, metadata, partial

TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.INTEGER: BigInteger(),
    Kind.FLOAT: Double(),
    Kind.SECONDS: Double(),
    Kind.MOMENT: UtcDateTime(),
    Kind.BOOLEAN: Boolean(),
    Kind.JSON: Text(),
}


def _columns(shape: Shape) -> list[Column[Any]]:
    return [Column(field.column, TYPES[field.kind]) for field in shape]


def _key(*positions: str) -> list[Column[int]]:
    call = Column("call_key", BigInteger, primary_key=True, autoincrement=False)
    return [call, *(Column(name, Integer, primary_key=True, autoincrement=False) for name in positions)]


call_records = Table(
    "call_records",
    metadata,
    Column("key", Key, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    *_columns(tuple(field for field in graph_types.CALL_RECORD if field.column != "version")),
    *_columns(graph_types.ORGANIZER),
    Column("ordered_at", UtcDateTime, nullable=False),  # start, else end, else last modified, else stored
    Column("duration_seconds", Double),
    Column("participant_count", Integer, nullable=False),  # of Graph's list
    Column("session_count", Integer, nullable=False),
    Column("segment_count", Integer, nullable=False),
    Column("stream_count", Integer, nullable=False),
    Column("poor_stream_count", Integer, nullable=False),
    Column("quality", Text, nullable=False),  # good, poor, unknown
    Column("quality_rules", Text),  # the rule set that judged its streams; none before 0012, until it is derived again
    Column("failed", Boolean, nullable=False),
    Column("failed_stage", Text),  # setup, midcall, unknown; none where it did not fail
    Column("rating", Text),  # the worst that anybody gave
    Column("pstn", Boolean, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("incomplete_reason", Text),
    *(Column(name, Text) for name in DIMENSION_COLUMNS),  # JSON lists of the dimension's values
    Column("stored_at", UtcDateTime, nullable=False),
    Column("first_stored_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),  # 1, then one more for each replacement
    Column("derivation", Integer),  # by whom what is derived was: see derivation and derive
    Column("derived_revision", Integer),  # of which revision that was
    Column("participants_seen", Integer),  # people in any part of the record; null until derived by 13 or later
    Column("people_affected", Integer),  # of these who had a poor stream; null until derived by 15 or later
    Column("join_url_key", Text),  # equal for all forms of one join URL: see parse.join_url
    Column("sites_revision", BigInteger),  # of the lists that its endpoints were matched with: see site_changes
    Column("addresses_removed_at", UtcDateTime),  # when PLACE_RETENTION took IP and MAC addresses out of the call
    Column("has_detail", Boolean, nullable=False, server_default=true()),  # rows of DETAIL; else only the document
    Column("outcome", Text),  # how the call ended: see outcomes; null until derived by 15 or later, as all of these
    Column("outcome_basis", Text),  # what says so
    Column("outcome_confidence", Text),  # high, medium, low
    Column("outcome_provisional_until", UtcDateTime),  # until then a later version may say more; null if it is final
    Column("outcome_rows", Text),  # digest of the rows of logs that it was judged with; null where there was none
    Column("direction", Text),  # inbound, outbound, internal; null where not known
    Column("wait_seconds", Double),  # through voice apps, until an agent answered
    Column("talk_seconds", Double),  # with the agent who answered
    UniqueConstraint("call_id", "tenant_id"),  # this order also finds a call whose tenant is not known
    Index("ix_call_records_tenant_id_ordered_at_key", "tenant_id", "ordered_at", "key"),
    Index("ix_call_records_ordered_at_key", "ordered_at", "key"),
    Index("ix_call_records_has_detail_ordered_at_key", "has_detail", "ordered_at", "key"),
)

Index(
    "ix_call_records_join_url_key",
    *(call_records.c[name] for name in ("join_url_key", "ordered_at", "key")),
    **partial(call_records.c.join_url_key.is_not(None)),
)

# The number is written out: a parameter would not let a database see that its partial index has all the answers.
underived = or_(
    call_records.c.derivation.is_(None),
    call_records.c.derivation < literal_column(str(DERIVATION)),
    call_records.c.derived_revision != call_records.c.revision,
)
Index(
    f"ix_call_records_underived_{DERIVATION}",
    call_records.c.key,
    **partial(underived),
)
for number in (9, 13, 14):  # those of older programs, for as long as one of them works beside this one
    older = text(f"derivation IS NULL OR derivation < {number} OR derived_revision != revision")
    Index(
        f"ix_call_records_underived_{number}",
        call_records.c.key,
        **partial(older),
    )

participants = Table(
    "participants",
    metadata,
    *_key("participant_position"),
    *_columns(graph_types.PARTICIPANT),
    sqlite_with_rowid=False,
)

administrative_units = Table(
    "administrative_units",
    metadata,
    *_key("participant_position", "unit_position"),
    *_columns(graph_types.ADMINISTRATIVE_UNIT),
    sqlite_with_rowid=False,
)

# Wide rows keep SQLite's rowid: without it a row above a quarter of a page takes a page of its own.
sessions = Table("sessions", metadata, *_key("session_position"), *_columns(graph_types.SESSION))

segments = Table("segments", metadata, *_key("session_position", "segment_position"), *_columns(graph_types.SEGMENT))

media = Table(
    "media",
    metadata,
    *_key("session_position", "segment_position", "media_position"),
    *_columns(graph_types.MEDIA),
)

streams = Table(
    "streams",
    metadata,
    *_key("session_position", "segment_position", "media_position", "stream_position"),
    *_columns(graph_types.STREAM),
    sqlite_with_rowid=False,
)

trace_route_hops = Table(
    "trace_route_hops",
    metadata,
    *_key("session_position", "segment_position", "media_position"),
    Column("side", Text, primary_key=True),  # caller or callee: whose network
    Column("hop_position", Integer, primary_key=True, autoincrement=False),
    *_columns(graph_types.HOP),
    sqlite_with_rowid=False,
)

documents = Table(
    "documents",
    metadata,
    Column("call_key", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("document", LargeBinary, nullable=False),  # zstd of Graph's JSON
    Column("raw_bytes", BigInteger, nullable=False),  # its size before packing
    Column("stored_at", UtcDateTime, nullable=False),
)

# Who took part, once for all calls, as the search sees them: see search and people_index.
people = Table(
    "people",
    metadata,
    Column("key", Key, primary_key=True),
    Column("tenant_id", Text, nullable=False),  # whose call it was, not whose user
    Column("person_id", Text, nullable=False),  # this and what follows is folded, and empty where not known
    Column("user_principal_name", Text, nullable=False),
    Column("name", Text, nullable=False),
    # The same as Graph wrote it; null in rows of programs before migration 0013.
    *_columns(tuple(field for field in prefixed("identity_", graph_types.IDENTITY) if field.column != "identity_kind")),
    UniqueConstraint("person_id", "tenant_id", "user_principal_name", "name"),
    Index("ix_people_user_principal_name", "user_principal_name"),
)

call_people = Table(
    "call_people",
    metadata,
    Column("person_key", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),  # the call's ordered_at, in µs since 1970
    Column("call_key", BigInteger, primary_key=True, autoincrement=False),
    Column("is_organizer", Boolean, nullable=False),
    Column("kind", Text),  # Graph's kind of identity, or ours for what is no person: see took_part
    Column("seen_in", Integer),  # where in the record: see took_part.SeenIn
    Index("ix_call_people_call_key", "call_key"),
    sqlite_with_rowid=False,
)
Index(
    "ix_call_people_organizer",
    *(call_people.c[name] for name in ("person_key", "at", "call_key")),
    **partial(call_people.c.is_organizer == true()),
)

PARTIES = (participants, administrative_units)
SESSIONS = (sessions, segments, media, streams, trace_route_hops)
DETAIL = (*PARTIES, *SESSIONS)  # of calls with has_detail: see DETAIL_ROWS
CHILDREN = (*DETAIL, endpoint_sites, site_people, voice_app_steps)
