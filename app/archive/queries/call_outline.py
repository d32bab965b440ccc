"""One call in outline: who was in it and when, session by session, without media and streams.

A page shows thousands of sessions at once, but the devices, networks and streams of one session at a time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.detail.wanted import Rows, Wanted, every_column
from app.archive.parse.row import Row
from app.archive.queries import nested_rows
from app.archive.schema.tables import call_records, documents, media, participants, segments, sessions, streams


class End(NamedTuple):
    """One end of a session; ``type`` is Graph's kind of endpoint."""

    type: str | None
    id: str | None
    display_name: str | None
    user_principal_name: str | None
    kind: str | None
    platform: str | None
    rating: str | None
    feedback: str | None


class Part(NamedTuple):
    """A segment."""

    start: datetime | None
    end: datetime | None
    quality: str | None
    failed: bool


@dataclass(slots=True)
class Session:
    """``poor`` counts its poor streams by media and what they were due to (Graph's names, comma-separated)."""

    position: int
    id: str | None
    modalities: list[str]
    start: datetime | None
    end: datetime | None
    caller: End
    callee: End
    failure_stage: str | None
    failure_reason: str | None
    quality: str | None
    segments: list[Part] = field(default_factory=list)
    poor: Counter[tuple[str, str]] = field(default_factory=Counter)


class Version(NamedTuple):
    """One version that was stored; ``raw_bytes`` is its document's size as Graph sent it."""

    version: int
    stored_at: datetime
    raw_bytes: int


@dataclass(frozen=True, slots=True)
class Outline:
    participants: list[dict[str, Any]]
    sessions: list[Session]
    versions: list[Version]


_END = (
    "type",
    "identity_id",
    "identity_display_name",
    "identity_user_principal_name",
    "identity_kind",
    "user_agent_platform",
    "feedback_rating",
    "feedback_text",
)


async def outline(db: AsyncConnection, call_key: int) -> Outline:
    """The outline of the call with this key: parts in Graph's order, versions from the first one."""
    rows = await (await reading.of_call(db, call_key)).rows(_WANTED)
    columns = (documents.c.version, documents.c.stored_at, documents.c.raw_bytes)
    versions = select(*columns).where(documents.c.call_key == call_key).order_by(documents.c.version)
    return Outline(
        [dict(zip(_OF_PARTICIPANT, row[2:], strict=True)) for row in rows["participants"]],
        _sessions(rows),
        [Version(*row) for row in await db.execute(versions)],
    )


async def session(db: AsyncConnection, call_key: int, position: int) -> dict[str, Any] | None:
    """One session with segments, media and streams, as ``stored_calls.call`` returns it; None where there is none.

    Its ``quality_rules`` is the call's.
    """
    found = await nested_rows.sessions(await reading.of_call(db, call_key), position, position)
    rules = await db.scalar(select(call_records.c.quality_rules).where(call_records.c.key == call_key))
    return found[0] | {"quality_rules": rules} if found else None


_OF_PARTICIPANT = every_column(participants).columns
_WANTED = (
    every_column(participants),
    Wanted(
        sessions,
        (
            *("session_id", "modalities", "start_date_time", "end_date_time"),
            *(f"{side}_{name}" for side in ("caller", "callee") for name in _END),
            *("failure_stage", "failure_reason", "quality"),
        ),
    ),
    Wanted(segments, ("start_date_time", "end_date_time", "quality", "failure_stage", "failure_reason")),
    Wanted(media, ("label",), quality="poor"),
    Wanted(streams, ("poor_due_to",), quality="poor"),
)


def _sessions(rows: Rows) -> list[Session]:
    parts, poor = _segments(rows["segments"]), _poor(rows["media"], rows["streams"])
    return [_session(row[1:], parts.get(row[1], []), poor.get(row[1], Counter())) for row in rows["sessions"]]


def _session(row: Sequence[Any], parts: list[Part], poor: Counter[tuple[str, str]]) -> Session:
    position, session_id, modalities, start, end, *rest = row
    stage, reason, quality = rest[2 * len(_END) :]
    return Session(
        position,
        session_id,
        orjson.loads(modalities) if modalities else [],
        start,
        end,
        End(*rest[: len(_END)]),
        End(*rest[len(_END) : 2 * len(_END)]),
        stage,
        reason,
        quality,
        parts,
        poor,
    )


def _segments(rows: Iterable[Row]) -> dict[int, list[Part]]:
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    for _, position, _, start, end, quality, stage, reason in rows:
        parts[position].append(Part(start, end, quality, stage is not None or reason is not None))
    return parts


def _poor(media_rows: Iterable[Row], stream_rows: Iterable[Row]) -> dict[int, Counter[tuple[str, str]]]:
    """The poor streams of each session. A media with a poor stream is poor itself."""
    labels = {tuple(place): label for *place, label in media_rows}
    poor: defaultdict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for *place, _, due_to in stream_rows:
        poor[place[1]][labels[tuple(place)] or "", due_to or ""] += 1
    return poor
