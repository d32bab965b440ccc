"""The stored call records, packed as bytes, because large meetings need too much memory as objects."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from app.simulator.graph.enums import hide_unknown


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One version of one record. `sessions` and `participants` are None if the document lacks them."""

    id: str
    version: int
    start: datetime
    end: datetime  # if unknown, the start; if that is unknown too, `visible_at`
    visible_at: datetime
    head: bytes
    sessions: tuple[bytes, ...] | None
    participants: tuple[bytes, ...] | None
    participant_ids: frozenset[str]
    plain: bool  # contains no unknown enum member


NEVER = datetime.max.replace(tzinfo=UTC)
UNKNOWN_YEARS = (1, 9999)  # Graph writes 0001-01-01 or the end of 9999 for an unknown time


def pack(document: dict[str, Any], visible_at: datetime) -> StoredRecord:
    start, end = (datetime.fromisoformat(document[name]) for name in ("startDateTime", "endDateTime"))
    sessions, people = document.get("sessions"), document.get("participants_v2")
    head = {key: value for key, value in document.items() if key not in ("sessions", "participants_v2")}
    return StoredRecord(
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


def unpack(record: StoredRecord) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(record.head)
    if record.sessions is not None:
        document["sessions"] = [orjson.loads(each) for each in record.sessions]
    if record.participants is not None:
        document["participants_v2"] = [orjson.loads(each) for each in record.participants]
    return document


def next_version(record: StoredRecord, version: int, now: datetime) -> StoredRecord:
    """The next version of the call; its sessions are not unpacked."""
    head = {**orjson.loads(record.head), "version": version, "lastModifiedDateTime": modified(now)}
    return replace(record, version=version, visible_at=now, head=orjson.dumps(head))


def rewritten(record: StoredRecord, now: datetime) -> StoredRecord:
    """The same version with another lastModifiedDateTime and other sessions: each ends a second later."""
    head = {**orjson.loads(record.head), "lastModifiedDateTime": modified(now)}
    sessions = record.sessions and tuple(orjson.dumps(a_second_later(orjson.loads(each))) for each in record.sessions)
    return replace(record, visible_at=now, head=orjson.dumps(head), sessions=sessions)


def a_second_later(session: dict[str, Any]) -> dict[str, Any]:
    end = datetime.fromisoformat(session["endDateTime"]) + timedelta(seconds=1)
    return {**session, "endDateTime": modified(end)}


def modified(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"


@dataclass(slots=True)
class RecordStore:
    """The records of one tenant, in insertion order."""

    versions: dict[str, list[StoredRecord]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def put(self, record: StoredRecord) -> None:
        call_id = record.id.lower()
        if call_id not in self.versions:
            self.order.append(call_id)
            self.versions[call_id] = []
        self.versions[call_id].append(record)
        self.versions[call_id].sort(key=lambda each: each.version)

    def remove(self, call_id: str) -> bool:
        return self.versions.pop(call_id.lower(), None) is not None

    def newest(self, call_id: str) -> StoredRecord | None:
        """The newest version, readable or not."""
        versions = self.versions.get(call_id.lower())
        return versions[-1] if versions else None

    def find(self, call_id: str, now: datetime, retention: timedelta) -> StoredRecord | None:
        """The highest version that is readable now; None after Graph's retention."""
        readable = [each for each in self.versions.get(call_id.lower(), ()) if each.visible_at <= now]
        return readable[-1] if readable and readable[-1].end + retention > now else None

    def records_after(self, after: int, now: datetime, retention: timedelta) -> Iterator[tuple[int, StoredRecord]]:
        """The readable records from position `after` on, each with its position."""
        for position in range(after, len(self.order)):
            if record := self.find(self.order[position], now, retention):
                yield position, record
