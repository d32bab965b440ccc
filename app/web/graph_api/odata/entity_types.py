"""Graph's call record types by name: what can be selected of each, and what can be expanded.

https://learn.microsoft.com/graph/api/resources/callrecords-callrecord
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EntityType:
    name: str
    properties: frozenset[str]
    expandable: Mapping[str, "EntityType"] = field(default_factory=dict)
    automatic: frozenset[str] = frozenset()
    """What Graph expands unasked (OData.AutoExpand in its metadata)."""


def _type(name: str, properties: str, *automatic: str, **expandable: EntityType) -> EntityType:
    return EntityType(name, frozenset(["id", *properties.split()]), expandable, frozenset(automatic))


ORGANIZER = _type("organizer", "identity administrativeUnitInfos")
PARTICIPANT = _type("participant", "identity administrativeUnitInfos")
SEGMENT = _type("segment", "startDateTime endDateTime caller callee failureInfo media")
SESSION = _type("session", "startDateTime endDateTime caller callee failureInfo isTest modalities", segments=SEGMENT)
CALL_RECORD = _type(
    "callRecord",
    "version type modalities startDateTime endDateTime lastModifiedDateTime joinWebUrl organizer participants",
    "organizer_v2",
    sessions=SESSION,
    participants_v2=PARTICIPANT,
    organizer_v2=ORGANIZER,
)
