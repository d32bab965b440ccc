"""Reads the archive: pages of summaries, one call with all its rows, Graph's document."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import RowMapping, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.detail.reading import Detail
from app.archive.outcomes.judge import is_provisional
from app.archive.queries import nested_rows, people_of_call, voice_app_steps
from app.archive.queries.filters import Filters
from app.archive.queries.paging import call_pages
from app.archive.queries.paging.position import Order, Position
from app.archive.schema import graph_types
from app.archive.schema.tables import call_records, documents
from app.ids import CallId

EVERYTHING = Filters()

c = call_records.c

SUMMARY = {
    "id": c.call_id,
    "tenant_id": c.tenant_id,
    "version": c.version,
    "type": c.type,
    "start": c.start_date_time,
    "end": c.end_date_time,
    "duration_seconds": c.duration_seconds,
    "modalities": c.modalities,
    "sites": c.sites,
    "participant_count": c.participant_count,
    "participants_seen": c.participants_seen,
    "people_affected": c.people_affected,
    "session_count": c.session_count,
    "quality": c.quality,
    "quality_rules": c.quality_rules,
    "failed": c.failed,
    "failed_stage": c.failed_stage,
    "rating": c.rating,
    "outcome": c.outcome,
    "outcome_basis": c.outcome_basis,
    "outcome_confidence": c.outcome_confidence,
    "outcome_provisional": c.outcome_provisional_until,
    "direction": c.direction,
    "pstn": c.pstn,
    "complete": c.complete,
    "stored_at": c.stored_at,
}
ORGANIZER = {name: c[f"organizer_identity_{name}"] for name in graph_types.columns(graph_types.PARTY_IDENTITY)}

REST = (
    "join_web_url",
    "last_modified_date_time",
    "segment_count",
    "stream_count",
    "poor_stream_count",
    "wait_seconds",
    "talk_seconds",
    "incomplete_reason",
    "first_stored_at",
    "revision",
)


@dataclass(frozen=True, slots=True)
class Page:
    items: list[dict[str, Any]]
    next: Position | None
    """Where the next page begins, if there is one."""
    keys: list[int] = field(default_factory=list)
    """Of the items, in their order."""


async def calls(
    db: AsyncConnection,
    filters: Filters = EVERYTHING,
    *,
    order: Order = "-start",
    limit: int = 50,
    after: Position | None = None,
) -> Page:
    """One page of summaries: what ``filters`` let through, behind the position ``after``.

    A call without a start is placed by its end, else by when it was made. Continuing from ``next`` neither skips nor
    repeats a call, whatever is saved meanwhile.
    """
    wanted = select(*SUMMARY.values(), *ORGANIZER.values(), c.ordered_at, c.key)
    rows = await call_pages.rows(db, wanted, filters, order, after, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    shown = rows[:limit]
    following = Position(last["ordered_at"], last["key"]) if last else None
    return Page([_summary(row) for row in shown], following, [row["key"] for row in shown])


Keyed = tuple[int, dict[str, Any]]
"""A call's key, which grows from call to call as they are first saved, and its summary."""


async def newest_key(db: AsyncConnection) -> int:
    """The key of the call that was first saved last; 0 where there is none."""
    return await db.scalar(select(func.max(c.key))) or 0


async def keys_behind(db: AsyncConnection, after: int, filters: Filters, limit: int) -> list[int]:
    """The lowest keys of calls above that key."""
    wanted = select(c.key).where(c.key > after, *filters.conditions()).order_by(c.key).limit(limit)
    return list(await db.scalars(wanted))


async def keyed(db: AsyncConnection, keys: Collection[int]) -> list[Keyed]:
    """The calls with these keys, in the order of their keys."""
    wanted = select(*SUMMARY.values(), *ORGANIZER.values(), c.key).where(c.key.in_(keys)).order_by(c.key)
    return [(row["key"], _summary(row)) for row in (await db.execute(wanted)).mappings()]


async def call(db: AsyncConnection, call_id: CallId, filters: Filters = EVERYTHING) -> dict[str, Any] | None:
    """The summary with all else that is known, of a tenant that ``filters`` let through: ``voice_apps``, ``people``,
    ``participants``, and ``sessions`` with ``segments`` with ``media`` with ``streams``.

    What is in these has its column's name; durations are seconds. None where the archive has no such call.
    """
    found = await head(db, call_id, filters)
    if found is None:
        return None
    key, known = found
    detail = await reading.of_call(db, key)
    return await with_people(detail, known) | {"sessions": await nested_rows.sessions(detail)}


async def with_people(detail: Detail, known: dict[str, Any]) -> dict[str, Any]:
    """What ``head`` returned, with the call's ``voice_apps``, ``people`` and ``participants``."""
    participants, organizer_units = await nested_rows.participants(detail)
    organizer = known["organizer"] | {"administrative_units": organizer_units}
    more = {
        "voice_apps": await voice_app_steps.of_call(detail.db, detail.call_key),
        "people": await people_of_call.people_of(detail.db, detail.call_key),
    }
    return known | {"organizer": organizer, **more, "participants": participants}


async def head(
    db: AsyncConnection, call_id: CallId, filters: Filters = EVERYTHING
) -> tuple[int, dict[str, Any]] | None:
    """The call's key, and its summary with what else its own row says; None where the archive has no such call."""
    row = (await db.execute(_newest(call_id, filters, *call_records.columns))).mappings().first()
    return (row["key"], _summary(row) | {name: row[name] for name in REST}) if row else None


async def key_of(db: AsyncConnection, call_id: CallId, filters: Filters = EVERYTHING) -> int | None:
    """The key of that call, of a tenant that ``filters`` let through; None where the archive has none."""
    key: int | None = await db.scalar(_newest(call_id, filters, c.key))
    return key


async def same_meeting(
    db: AsyncConnection, call_key: int, filters: Filters = EVERYTHING, *, limit: int = 20
) -> list[dict[str, Any]]:
    """Summaries of the other calls with the join URL of this one, newest first: a restarted meeting repeats it."""
    meeting = select(c.join_url_key).where(c.key == call_key).scalar_subquery()
    wanted = select(*SUMMARY.values(), *ORGANIZER.values()).where(c.join_url_key == meeting, c.key != call_key)
    wanted = wanted.where(*filters.conditions()).order_by(c.ordered_at.desc(), c.key.desc()).limit(limit)
    return [_summary(row) for row in (await db.execute(wanted)).mappings()]


class Stored(NamedTuple):
    """Where a document is, its bytes as stored and as Graph sent it; the document itself only if it is small."""

    key: int
    version: int
    packed_bytes: int
    raw_bytes: int
    document: bytes | None


async def stored_document(
    db: AsyncConnection, call_id: CallId, filters: Filters = EVERYTHING, version: int | None = None, *, most: int = 0
) -> Stored | None:
    """The document of the current version or of an earlier one; it is read if it was at most ``most`` bytes."""
    found = (await db.execute(_newest(call_id, filters, c.key, c.version))).first()
    if found is None:
        return None
    d = documents.c
    small = case((d.raw_bytes <= most, d.document), else_=None)
    wanted = select(d.call_key, d.version, func.length(d.document), d.raw_bytes, small)
    wanted_version = found.version if version is None else version
    row = (await db.execute(wanted.where(d.call_key == found.key, d.version == wanted_version))).first()
    return Stored(*row) if row else None


async def packed(db: AsyncConnection, call_key: int, version: int) -> bytes | None:
    """The document, still packed, of exactly this version; ``codec.unpack`` reads it."""
    d = documents.c
    return await db.scalar(select(d.document).where(d.call_key == call_key, d.version == version))


async def document(
    db: AsyncConnection, call_id: CallId, filters: Filters = EVERYTHING, version: int | None = None
) -> bytes | None:
    """Graph's document, still packed, of the current version or of an earlier one; ``codec.unpack`` reads it."""
    found = await stored_document(db, call_id, filters, version)
    return await packed(db, found.key, found.version) if found else None


def _summary(row: RowMapping) -> dict[str, Any]:
    item = {name: row[column] for name, column in SUMMARY.items()}
    for name in ("modalities", "sites"):
        item[name] = orjson.loads(item[name]) if item[name] else []
    item["outcome_provisional"] = is_provisional(item["outcome_provisional"], datetime.now(UTC))
    return item | {"organizer": {name: row[column] for name, column in ORGANIZER.items()}}


def _newest(call_id: CallId, filters: Filters, *columns: Any) -> Select[Any]:
    """The call with this id; if two tenants have one, the one stored last."""
    wanted = select(*columns).where(c.call_id == call_id, *filters.limits())
    return wanted.order_by(c.key.desc()).limit(1)
