"""One call in outline: who was in it and when, session by session, without the media and streams that fill the archive.

A page shows thousands of sessions at once, but the devices, networks and streams of one at a time.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.queries import nested_rows
from app.archive.schema.tables import documents, media, participants, segments, sessions, streams


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
    """All of the call with this key; in Graph's order, versions from the first."""
    people = select(participants).where(participants.c.call_key == call_key)
    found = (await db.execute(people.order_by(participants.c.participant_position))).mappings()
    d = documents.c
    kept = select(d.version, d.stored_at, d.raw_bytes).where(d.call_key == call_key).order_by(d.version)
    return Outline(
        [dict(row) for row in found],
        await _sessions(db, call_key),
        [Version(*row) for row in await db.execute(kept)],
    )


async def session(db: AsyncConnection, call_key: int, position: int) -> dict[str, Any] | None:
    """One session with segments, media and streams, as ``stored_calls.call`` returns it; None where there is none."""
    found = await nested_rows.sessions(db, call_key, position)
    return found[0] if found else None


async def _sessions(db: AsyncConnection, call_key: int) -> list[Session]:
    s = sessions.c
    plain = (s.session_position, s.session_id, s.modalities, s.start_date_time, s.end_date_time)
    ends = [s[f"{side}_{name}"] for side in ("caller", "callee") for name in _END]
    wanted = select(*plain, *ends, s.failure_stage, s.failure_reason, s.quality).where(s.call_key == call_key)
    parts, poor = await _segments(db, call_key), await _poor(db, call_key)
    rows = await db.execute(wanted.order_by(s.session_position))
    return [_session(row, parts.get(row[0], []), poor.get(row[0], Counter())) for row in rows]


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


async def _segments(db: AsyncConnection, call_key: int) -> dict[int, list[Part]]:
    g = segments.c
    wanted = select(
        g.session_position, g.start_date_time, g.end_date_time, g.quality, g.failure_stage, g.failure_reason
    )
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    rows = await db.execute(wanted.where(g.call_key == call_key).order_by(g.session_position, g.segment_position))
    for position, start, end, quality, stage, reason in rows:
        parts[position].append(Part(start, end, quality, bool(stage or reason)))
    return parts


async def _poor(db: AsyncConnection, call_key: int) -> dict[int, Counter[tuple[str, str]]]:
    t, m = streams, media
    same = [t.c[name] == m.c[name] for name in ("call_key", "session_position", "segment_position", "media_position")]
    wanted = (
        select(t.c.session_position, m.c.label, t.c.poor_due_to, func.count())
        .join_from(t, m, same[0] & same[1] & same[2] & same[3])
        .where(t.c.call_key == call_key, t.c.quality == "poor")
        .group_by(t.c.session_position, m.c.label, t.c.poor_due_to)
    )
    poor: defaultdict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for position, label, due_to, count in await db.execute(wanted):
        poor[position][label or "", due_to or ""] += count
    return poor
