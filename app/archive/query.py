"""Reads the archive: pages of summaries, one call with all its rows, Graph's document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, RowMapping, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive import cursors, nested, shapes
from app.archive.models import call_records, documents
from app.db import UtcDateTime

Order = Literal["-start", "start"]

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
    "participant_count": c.participant_count,
    "session_count": c.session_count,
    "quality": c.quality,
    "failed": c.failed,
    "rating": c.rating,
    "complete": c.complete,
    "stored_at": c.stored_at,
}
ORGANIZER = {name: c[f"organizer_identity_{name}"] for name in shapes.columns(shapes.PARTY_IDENTITY)}

REST = (
    "join_web_url",
    "last_modified_date_time",
    "segment_count",
    "stream_count",
    "poor_stream_count",
    "pstn",
    "incomplete_reason",
    "first_stored_at",
    "revision",
)


@dataclass(frozen=True, slots=True)
class Page:
    items: list[dict[str, Any]]
    next_cursor: str | None


async def calls(
    db: AsyncConnection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    tenant_id: str | None = None,
    order: Order = "-start",
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """One page of summaries: calls that began from ``since`` to before ``until``.

    A call without a start is placed by its end, else by when it was made. Going on from ``next_cursor`` neither
    skips nor repeats a call, whatever is saved meanwhile. A cursor that is not ours, or of the other order, is
    a ValueError.
    """
    wanted = _filtered(since, until, tenant_id)
    if cursor is not None:
        wanted = wanted.where(_after(order, cursor))
    place = (c.ordered_at, c.key) if order == "start" else (c.ordered_at.desc(), c.key.desc())
    rows = (await db.execute(wanted.order_by(*place).limit(limit + 1))).mappings().all()
    return Page([_summary(row) for row in rows[:limit]], _next_cursor(order, rows, limit))


async def call(db: AsyncConnection, call_id: str, tenant_id: str | None = None) -> dict[str, Any] | None:
    """The summary with all else that is known: ``participants``, and ``sessions`` with ``segments`` with
    ``media`` with ``streams``.

    What is in these has its column's name; durations are seconds. None where the archive has no such call.
    """
    row = (await db.execute(_newest(call_id, tenant_id, *call_records.columns))).mappings().first()
    if row is None:
        return None
    participants, organizer_units = await nested.participants(db, row["key"])
    whole = _summary(row) | {name: row[name] for name in REST}
    whole["organizer"]["administrative_units"] = organizer_units
    return whole | {"participants": participants, "sessions": await nested.sessions(db, row["key"])}


async def document(
    db: AsyncConnection, call_id: str, tenant_id: str | None = None, version: int | None = None
) -> bytes | None:
    """Graph's document, still packed, of the version in force or of an earlier one; ``document.unpack`` reads it."""
    found = (await db.execute(_newest(call_id, tenant_id, c.key, c.version))).first()
    if found is None:
        return None
    d = documents.c
    wanted = found.version if version is None else version
    return await db.scalar(select(d.document).where(d.call_key == found.key, d.version == wanted))


async def stored_count(db: AsyncConnection) -> int:
    """How many calls the archive has."""
    return await db.scalar(select(func.count()).select_from(call_records)) or 0


def _filtered(since: datetime | None, until: datetime | None, tenant_id: str | None) -> Select[Any]:
    wanted = select(*SUMMARY.values(), *ORGANIZER.values(), c.ordered_at, c.key)
    if tenant_id is not None:
        wanted = wanted.where(c.tenant_id == tenant_id.lower())
    if since is not None:
        wanted = wanted.where(c.ordered_at >= since)
    if until is not None:
        wanted = wanted.where(c.ordered_at < until)
    return wanted


def _after(order: Order, cursor: str) -> ColumnElement[bool]:
    moment, key = cursors.read(cursor, order)
    here = tuple_(c.ordered_at, c.key)
    last = tuple_(literal(moment, UtcDateTime()), literal(key))
    return here > last if order == "start" else here < last


def _next_cursor(order: Order, rows: Sequence[RowMapping], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return cursors.write(order, last["ordered_at"], last["key"])


def _summary(row: RowMapping) -> dict[str, Any]:
    item = {name: row[column] for name, column in SUMMARY.items()}
    item["modalities"] = orjson.loads(item["modalities"]) if item["modalities"] else []
    return item | {"organizer": {name: row[column] for name, column in ORGANIZER.items()}}


def _newest(call_id: str, tenant_id: str | None, *columns: Any) -> Select[Any]:
    """The call with this id; should two tenants have one, that which was kept last."""
    wanted = select(*columns).where(c.call_id == call_id.lower())
    if tenant_id is not None:
        wanted = wanted.where(c.tenant_id == tenant_id.lower())
    return wanted.order_by(c.key.desc()).limit(1)
