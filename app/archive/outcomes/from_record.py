"""The facts of a record that was read, from its rows. Pure."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from app import ids
from app.archive.outcomes.facts import End, Facts, Leg
from app.archive.parse.identities import identifiers
from app.archive.parse.identities.took_part import CONFERENCING_ID
from app.archive.parse.record import ParsedRecord
from app.archive.parse.row import Row
from app.archive.schema import graph_types

_END = (
    *("identity_kind", "identity_id", "identity_display_name", "identity_user_principal_name", "identity_tenant_id"),
    *("user_agent_role", "user_agent_header_value", "type", "user_agent_type", "user_agent_platform"),
)
_IDENTITY = ("identity_kind", "identity_id", "identity_display_name", "identity_tenant_id")


def _places(names: Sequence[str], wanted: Sequence[str]) -> "itemgetter[Any]":
    return itemgetter(*map(names.index, wanted))


_SESSION = ["position", *graph_types.columns(graph_types.SESSION)]
_SEGMENT = ["session", "segment", *graph_types.columns(graph_types.SEGMENT)]
_PARTICIPANT = ["position", *graph_types.columns(graph_types.PARTICIPANT)]
_session_ends = [_places(_SESSION, [f"{side}_{name}" for name in _END]) for side in ("caller", "callee")]
_segment_ends = [_places(_SEGMENT, [f"{side}_{name}" for name in _END]) for side in ("caller", "callee")]
_session_rest = _places(_SESSION, ("start_date_time", "end_date_time", "failure_stage", "failure_reason"))
_participant = _places(_PARTICIPANT, _IDENTITY)
_endpoint_type = itemgetter(_PARTICIPANT.index("identity_endpoint_type"))
_PACKETS = 4 + graph_types.columns(graph_types.STREAM).index("packet_utilization")
_ORGANIZER = [f"organizer_{name}" for name in _IDENTITY]


def facts(record: ParsedRecord) -> Facts:
    """Without the pseudo user that each call through a voice app has."""
    row, children = record.row, record.children
    kind, an_id, name, tenant = (row[column] for column in _ORGANIZER)
    parties = [_party(*_participant(one)) for one in children["participants"]]
    return Facts(
        tenant_id=record.tenant_id,
        type=row["type"],
        is_meeting=bool(row["join_web_url"]),
        modified=row["last_modified_date_time"] or row["ordered_at"],
        organizer=_party(kind, an_id or row["organizer_id"], name, tenant),
        legs=_legs(children["sessions"], children["segments"]),
        participants=[one for one in parties if one.id != CONFERENCING_ID],
        has_media=bool(children["media"]),
        has_packets=any(stream[_PACKETS] for stream in children["streams"]),
        is_voicemail="voicemail" in map(_endpoint_type, children["participants"]),
    )


def _legs(sessions: list[Row], segments: list[Row]) -> list[Leg]:
    """Of all sessions but those of the pseudo user; an end that a session lacks is that of its first segment."""
    first = {segment[0]: segment for segment in reversed(segments)}
    found = []
    for session in sessions:
        segment = first.get(session[0])
        caller, callee = (
            _end(of_session(session)) or (_end(of_segment(segment)) if segment else None) or End()
            for of_session, of_segment in zip(_session_ends, _segment_ends, strict=True)
        )
        start, end, stage, reason = _session_rest(session)
        failure = None if stage is None and reason is None else " ".join(filter(None, (stage, reason)))
        if CONFERENCING_ID not in (caller.id, callee.id):
            found.append(Leg(start, end, caller, callee, failure))
    return found


def _end(values: Row) -> End | None:
    """None of what says nothing."""
    if not any(values):
        return None
    kind, an_id, name, address, tenant, role, header, a_type, agent, platform = values
    is_service = a_type == "serviceEndpoint" or agent == "serviceUserAgent"
    return End(
        kind,
        identifiers.normal(an_id or address),
        identifiers.said(name),
        ids.tenant_id(tenant) if tenant else "",
        role,
        header,
        is_service,
        not is_service and bool(platform or header or agent),
    )


def _party(kind: str | None, an_id: str | None, name: str | None, tenant: str | None) -> End:
    if kind is None and an_id:
        kind = identifiers.kind(an_id)
    return End(kind, identifiers.normal(an_id), identifiers.said(name), ids.tenant_id(tenant) if tenant else "")
