"""What `/api/calls` answers, as models: for /openapi.json alone, answers are written past them because they are many.

The parts of a call have a property for each column, made from the same table of Graph's types as the columns.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from app.archive.outcomes.chain import StepKind
from app.archive.outcomes.words import Basis, Confidence, Direction
from app.archive.outcomes.words import Name as Outcome
from app.archive.schema import graph_types
from app.archive.schema.graph_types import Kind, Shape

Quality = Literal["good", "poor", "unknown"]

_TYPES: dict[Kind, Any] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.FLOAT: float,
    Kind.SECONDS: float,
    Kind.MOMENT: datetime,
    Kind.BOOLEAN: bool,
    Kind.JSON: list[Any] | dict[str, Any],
}
_UNITS = {Kind.SECONDS: ", in seconds", Kind.MOMENT: ", in UTC"}


def _model(name: str, shape: Shape, doc: str, base: type[BaseModel] = BaseModel) -> type[BaseModel]:
    """A model with a nullable property for each of Graph's."""
    fields: dict[str, Any] = {field.column: (_TYPES[field.kind] | None, _described(field)) for field in shape}
    return create_model(name, __base__=base, __doc__=doc, **fields)


def _described(field: graph_types.Field) -> Any:
    said = f"Graph's {field.property}{_UNITS.get(field.kind, '')}." if field.property else None
    if field.column == "quality":
        said = "Poor if any stream below is, good if any is good and none poor, else unknown."
    if field.column == "poor_due_to":
        said = "The metrics, by Graph's names, that made it poor."
    return Field(description=said)


class Unit(BaseModel):
    administrative_unit_id: str | None


class _WithUnits(BaseModel):
    administrative_units: list[Unit]


Hop = _model("TraceRouteHop", graph_types.HOP, "One station on the way of a network.")
Stream = _model("Stream", graph_types.STREAM, "One direction of one media.")


class EndSite(BaseModel):
    """Where an end was, by the building file."""

    site: str | None = Field(description="The building; null where only the access point is known.")
    network_name: str | None
    inside: bool | None = Field(description="Whether the network belongs to the organisation.")
    vpn: bool | None
    method: str | None = Field(description="How the network was found, as in the exported table `endpoint_sites`.")
    access_point: str | None = Field(description="Its name in the list of access points.")


class _WithStreams(BaseModel):
    caller_site: EndSite | None = Field(description="Null where the end is in no list.")
    callee_site: EndSite | None
    streams: list[Stream]  # type: ignore[valid-type]
    caller_network_trace_route_hops: list[Hop]  # type: ignore[valid-type]
    callee_network_trace_route_hops: list[Hop]  # type: ignore[valid-type]


Media = _model(
    "Media", graph_types.MEDIA, "Sound, video or a shared screen, with both devices and networks.", _WithStreams
)


class _WithMedia(BaseModel):
    media: list[Media]  # type: ignore[valid-type]


Segment = _model("Segment", graph_types.SEGMENT, "A part of a session.", _WithMedia)


class _WithSegments(BaseModel):
    segments: list[Segment]  # type: ignore[valid-type]


Session = _model("Session", graph_types.SESSION, "A connection between two endpoints.", _WithSegments)
Participant = _model("Participant", graph_types.PARTICIPANT, "One who took part.", _WithUnits)
Identity = _model("Identity", graph_types.PARTY_IDENTITY, "An identity; `kind` is Graph's key: user, phone, guest, …")
Organizer = _model(
    "Organizer", graph_types.PARTY_IDENTITY, "Who organised, with their administrative units.", _WithUnits
)


Place = Literal["organizer", "organizer_v2", "participants", "participants_v2", "sessions", "segments"]


class _SeenIn(BaseModel):
    is_person: bool = Field(description="False for services, resource accounts, applications and conferencing.")
    is_organizer: bool
    seen_in: list[Place] = Field(description="The parts of the record that name this person.")


PersonOfCall = _model("PersonOfCall", graph_types.IDENTITY, "One who took part, by every part of the record.", _SeenIn)


class Summary(BaseModel):
    """A call at a glance."""

    id: str = Field(description="Graph's id of the call record.")
    tenant_id: str
    version: int = Field(description="Graph's version; the highest that was seen.")
    type: str | None = Field(description="groupCall, peerToPeer, unknown, or what Graph adds to them.")
    start: datetime | None = Field(description="Graph's startDateTime, in UTC.")
    end: datetime | None = Field(description="Graph's endDateTime, in UTC.")
    duration_seconds: float | None = Field(description="From start to end, in seconds.")
    modalities: list[str]
    sites: list[str] = Field(description="The sites of its ends, by the building file.")
    participant_count: int = Field(description="How many Graph lists as participants.")
    participants_seen: int | None = Field(
        description="How many people are in any part of the record, without services, resource accounts and"
        " applications. Graph's list may be shorter. Null until the call was derived again after an upgrade."
    )
    people_affected: int | None = Field(
        description="How many of these had a poor stream. Null until the call was derived again after an upgrade."
    )
    session_count: int
    quality: Quality = Field(description="The worst of any stream, by the rule set in `quality_rules`.")
    quality_rules: str | None = Field(
        description="The rule set that judged its streams; null where an older version of Callkeeper did."
    )
    failed: bool = Field(
        description="Whether Graph reports a failure on a session or segment that carried the call: one that was "
        "longer than zero, or any where none was."
    )
    failed_stage: Literal["setup", "midcall", "unknown"] | None = Field(
        description="At which stage it failed, as reported by Graph; null where it did not."
    )
    rating: str | None = Field(description="The worst that anybody gave: bad, poor, fair, good, excellent.")
    outcome: Outcome | None = Field(description="How it ended; null until the call was derived again after an upgrade.")
    outcome_basis: Basis | None = Field(description="What says so.")
    outcome_confidence: Confidence | None
    outcome_provisional: bool = Field(
        description="Whether a later version may say more: until who answered is known, or 4 hours passed."
    )
    direction: Direction | None = Field(description="Null where it is not known.")
    pstn: bool = Field(description="Whether a telephone or its gateway took part, or a log has a row of the call.")
    complete: bool = Field(description="Whether it has sessions and all its pages were read.")
    stored_at: datetime = Field(description="When this version was stored, in UTC.")
    organizer: Identity = Field(description="Who organised; all null where Graph does not say.")  # type: ignore[valid-type]


class CallPage(BaseModel):
    items: list[Summary]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class Step(BaseModel):
    """A voice app that the call went through, the agent who answered, or voicemail."""

    kind: StepKind
    object_id: str | None = Field(description="Of the resource account or of the agent.")
    name: str | None = Field(description="By the record, else by the map of resource accounts.")
    start: datetime | None
    end: datetime | None
    result: str | None = Field(description="In Microsoft's words, where one is known.")
    agents_offered: int = Field(description="Agents whose sessions began there.")
    wait_seconds: float | None = Field(description="In a queue, until an agent answered or the caller left it.")


class Call(Summary):
    """A call with all that is known of it."""

    organizer: Organizer  # type: ignore[valid-type]
    join_web_url: str | None
    last_modified_date_time: datetime | None
    segment_count: int
    stream_count: int
    poor_stream_count: int
    wait_seconds: float | None = Field(description="Through voice apps, from the start until an agent answered.")
    talk_seconds: float | None = Field(description="Of the session of the agent who answered.")
    incomplete_reason: str | None = Field(description="Why it is not complete.")
    first_stored_at: datetime
    revision: int = Field(description="1, then one more each time it was stored again.")
    voice_apps: list[Step] = Field(description="The way through auto attendants and call queues, in order.")
    people: list[PersonOfCall] = Field(  # type: ignore[valid-type]
        description="Who took part: the union of all parts of the record."
    )
    participants: list[Participant] = Field(description="Graph's list.")  # type: ignore[valid-type]
    sessions: list[Session]  # type: ignore[valid-type]
