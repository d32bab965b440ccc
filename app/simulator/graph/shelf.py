"""The call records Graph holds, packed as bytes: a meeting of thousands as objects would fill the memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from app.simulator.graph.enums import hide_unknown


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of one record; None where the document has no sessions or participants_v2 at all."""

    id: str
    version: int
    start: datetime
    end: datetime  # where Graph does not know it, the start, or else when the record became readable
    visible_at: datetime
    head: bytes
    sessions: tuple[bytes, ...] | None
    participants: tuple[bytes, ...] | None
    participant_ids: frozenset[str]
    plain: bool  # no enum member that would have to be hidden


NEVER = datetime.max.replace(tzinfo=UTC)
UNKNOWN_YEARS = (1, 9999)  # Graph writes 0001-01-01 or the end of 9999 where it does not know a time


def pack(document: dict[str, Any], visible_at: datetime) -> Kept:
    start, end = (datetime.fromisoformat(document[name]) for name in ("startDateTime", "endDateTime"))
    sessions, people = document.get("sessions"), document.get("participants_v2")
    head = {key: value for key, value in document.items() if key not in ("sessions", "participants_v2")}
    return Kept(
        id=document["id"],
        version=document["version"],
        start=start,
        end=next((each for each in (end, start) if each.year not in UNKNOWN_YEARS), visible_at),
        visible_at=visible_at,
        head=orjson.dumps(head),
        sessions=None if sessions is None else tuple(map(orjson.dumps, sessions)),
        participants=None if people is None else tuple(map(orjson.dumps, people)),
        participant_ids=frozenset(person["id"] for person in people or ()),
        plain=all(hide_unknown(part) == part for part in (head, *(sessions or ()), *(people or ()))),
    )


def unpack(kept: Kept) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(kept.head)
    if kept.sessions is not None:
        document["sessions"] = [orjson.loads(each) for each in kept.sessions]
    if kept.participants is not None:
        document["participants_v2"] = [orjson.loads(each) for each in kept.participants]
    return document


def raised(kept: Kept, version: int, now: datetime) -> Kept:
    """The same call one version on, without unpacking its sessions."""
    head = {**orjson.loads(kept.head), "version": version, "lastModifiedDateTime": modified(now)}
    return replace(kept, version=version, visible_at=now, head=orjson.dumps(head))


def rewritten(kept: Kept, now: datetime) -> Kept:
    """The same version with another lastModifiedDateTime and other sessions: each ends a second later."""
    head = {**orjson.loads(kept.head), "lastModifiedDateTime": modified(now)}
    sessions = kept.sessions and tuple(orjson.dumps(a_second_later(orjson.loads(each))) for each in kept.sessions)
    return replace(kept, visible_at=now, head=orjson.dumps(head), sessions=sessions)


def a_second_later(session: dict[str, Any]) -> dict[str, Any]:
    end = datetime.fromisoformat(session["endDateTime"]) + timedelta(seconds=1)
    return {**session, "endDateTime": modified(end)}


def modified(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"


@dataclass(slots=True)
class Shelf:
    """One tenant's records, in the order in which they were put."""

    versions: dict[str, list[Kept]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def put(self, kept: Kept) -> None:
        call_id = kept.id.lower()
        if call_id not in self.versions:
            self.order.append(call_id)
            self.versions[call_id] = []
        self.versions[call_id].append(kept)
        self.versions[call_id].sort(key=lambda each: each.version)

    def remove(self, call_id: str) -> bool:
        return self.versions.pop(call_id.lower(), None) is not None

    def newest(self, call_id: str) -> Kept | None:
        """Whether it can be read yet or not."""
        kept = self.versions.get(call_id.lower())
        return kept[-1] if kept else None

    def find(self, call_id: str, now: datetime, retention: timedelta) -> Kept | None:
        """The highest version that can be read now; nothing after Graph's 30 days."""
        readable = [each for each in self.versions.get(call_id.lower(), ()) if each.visible_at <= now]
        return readable[-1] if readable and readable[-1].end + retention > now else None

    def walk(self, after: int, now: datetime, retention: timedelta) -> Iterator[tuple[int, Kept]]:
        """Readable records from a place in the order on, each with its place."""
        for place in range(after, len(self.order)):
            if kept := self.find(self.order[place], now, retention):
                yield place, kept
