"""One call record while it is read page by page, and the finished thing that is saved."""

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from app.archive.documents.page_merge import Document
from app.archive.parse import affected_people, convert, join_url
from app.archive.parse.identities import participant_rows, took_part
from app.archive.parse.identities.participant_rows import Participants
from app.archive.parse.identities.took_part import Entry, Parties, Union
from app.archive.parse.quality_rules import DEFAULT, RuleSet
from app.archive.parse.row import Row, batches, items, reader
from app.archive.parse.sessions import Sessions
from app.archive.schema import graph_types
from app.archive.schema.derivation import DERIVATION
from app.ids import CallId, TenantId

_call_record = reader(graph_types.CALL_RECORD)
_CALL_RECORD = graph_types.columns(graph_types.CALL_RECORD)
_ORGANIZER = graph_types.columns(graph_types.ORGANIZER)
_participant_kind = itemgetter(1 + graph_types.columns(graph_types.PARTICIPANT).index("identity_kind"))


@dataclass(slots=True)
class ParsedRecord:
    """One version of a call record, ready to be saved: its row, its children's rows by table, its document."""

    tenant_id: TenantId
    call_id: CallId
    version: int
    complete: bool
    incomplete_reason: str | None
    start: datetime | None
    end: datetime | None
    stored_at: datetime
    row: dict[str, Any]
    """The columns of call_records, but for the key, which the database gives."""
    children: dict[str, list[Row]]
    """Table name -> rows in the order of its columns, without call_key."""
    people: list[Entry]
    """Who took part, by every place in the record that names people."""
    counts: str
    """The quality of its streams by dimension: see call_dimensions."""
    document: bytes
    raw_bytes: int


class RecordBuilder:
    """Reads one record, page by page; never raises for what Graph sent. Without I/O: it may run in a thread."""

    def __init__(self, tenant_id: TenantId, call_id: CallId, rules: RuleSet = DEFAULT) -> None:
        self._tenant_id = tenant_id
        self._call_id = call_id
        self._head: dict[str, Any] = {}
        self._rules = rules
        self._sessions = Sessions(rules)
        self._participants = Participants()
        self._document = Document()
        self._incomplete: str | None = None

    def begin(self, record: Any, raw: bytes | None = None) -> None:
        """The entity with its own first pages; ``raw`` are its bytes if it came in one response. Called first."""
        entity = record if isinstance(record, dict) else {}
        self._head = {name: value for name, value in entity.items() if name not in ("sessions", "participants_v2")}
        self._sessions.add(items(entity.get("sessions")))
        self._participants.add(items(entity.get("participants_v2")))
        self._document.begin(entity, raw)

    def begin_archived(self, record: Any, packed: bytes, raw_bytes: int) -> None:
        """A stored record with all its lists, which may be ``Items``; called instead of ``begin``, and alone."""
        entity = record if isinstance(record, dict) else {}
        self._head = {name: value for name, value in entity.items() if name not in ("sessions", "participants_v2")}
        for some in batches(entity.get("sessions")):
            self._sessions.add(some)
        for some in batches(entity.get("participants_v2")):
            self._participants.add(some)
        self._document.begin_stored(packed, raw_bytes)

    def add_sessions(self, page: Any) -> None:
        """The items of a further page of sessions, in the order of arrival."""
        page = items(page)
        self._sessions.add(page)
        self._document.extend("sessions", page)

    def restart_sessions(self, page: Any) -> None:
        """The first page of the list of sessions, which replaces all sessions before it, the record's own too."""
        self._sessions = Sessions(self._rules)
        self._document.clear("sessions")
        self.add_sessions(page)

    def add_participants(self, page: Any) -> None:
        """The items of a further page of participants_v2, in the order of arrival."""
        page = items(page)
        self._participants.add(page)
        self._document.extend("participants", page)

    def restart_participants(self, page: Any) -> None:
        """The first page of the list of participants_v2, which replaces all of them before it, the record's own too."""
        self._participants = Participants()
        self._document.clear("participants")
        self.add_participants(page)

    def mark_incomplete(self, reason: Any) -> None:
        """Graph's links did not lead to the end of the record."""
        self._incomplete = convert.text(reason) or "not read to its end"

    def finish(self, now: datetime) -> ParsedRecord:
        """The record as it is to be saved; complete if it has sessions and was read to its end."""
        self._fall_back_on_deprecated_participants()
        organizer = participant_rows.organizer(self._head)
        everybody = self._everybody(organizer.parties)
        affected = min(affected_people.count(self._sessions.sessions), everybody.people)
        row = self._row(organizer.columns, now)
        row |= {"participants_seen": everybody.people, "people_affected": affected}
        packed, raw_bytes = self._document.close()
        children = self._children(organizer.units)
        return ParsedRecord(
            tenant_id=self._tenant_id,
            call_id=self._call_id,
            version=row["version"],
            complete=row["complete"],
            incomplete_reason=row["incomplete_reason"],
            start=row["start_date_time"],
            end=row["end_date_time"],
            stored_at=now,
            row=row,
            children=children,
            people=everybody.entries,
            counts=self._sessions.dimensions.counts(),
            document=packed,
            raw_bytes=raw_bytes,
        )

    def _fall_back_on_deprecated_participants(self) -> None:
        if not self._participants.rows:
            self._participants.add_deprecated(items(self._head.get("participants")))

    def _everybody(self, organizers: Parties) -> Union:
        deprecated = participant_rows.deprecated(self._head)
        parts = (organizers, self._participants.parties, deprecated, self._sessions.parties)
        return took_part.union(self._tenant_id, *parts)

    def _row(self, organizer: Row, now: datetime) -> dict[str, Any]:
        row = dict(zip(_CALL_RECORD, _call_record(self._head), strict=True))
        row |= zip(_ORGANIZER, organizer, strict=True)
        start, end = row["start_date_time"], row["end_date_time"]
        reason = self._incomplete or (None if self._sessions.sessions else "no sessions")
        return row | {
            "tenant_id": self._tenant_id,
            "call_id": self._call_id,
            "version": row["version"] or 0,
            "ordered_at": start or end or row["last_modified_date_time"] or now,
            "duration_seconds": _seconds(start, end),
            "complete": reason is None,
            "incomplete_reason": reason,
            "stored_at": now,
            "first_stored_at": now,
            "revision": 1,
            "derivation": DERIVATION,
            "derived_revision": 1,
            "join_url_key": join_url.key(row["join_web_url"]),
            "addresses_removed_at": None,
            "has_detail": True,
            **self._sums(),
        }

    def _sums(self) -> dict[str, Any]:
        sessions, participants = self._sessions, self._participants
        stage = sessions.failures.stage()
        return {
            "participant_count": len(participants.rows),
            "session_count": len(sessions.sessions),
            "segment_count": len(sessions.segments),
            "stream_count": len(sessions.streams),
            "poor_stream_count": sessions.poor_streams,
            "quality": sessions.overall_quality(),
            "quality_rules": self._rules.name,
            "failed": stage is not None,
            "failed_stage": stage,
            "rating": sessions.rating(),
            **sessions.dimensions.columns(),
            "pstn": sessions.pstn or "phone" in map(_participant_kind, participants.rows),
        }

    def _children(self, organizer_units: list[Row]) -> dict[str, list[Row]]:
        sessions, participants = self._sessions, self._participants
        return {
            "participants": participants.rows,
            "administrative_units": organizer_units + participants.units,
            "sessions": sessions.sessions,
            "segments": sessions.segments,
            "media": sessions.media,
            "streams": sessions.streams,
            "trace_route_hops": sessions.hops,
        }


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    """How long the call was; None where a time is unknown, or where the end lies before the start."""
    return (end - start).total_seconds() if start and end and end >= start else None
