"""The archive asked as Graph is asked: documents by id, or page by page, only of the tenants that one may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, LargeBinary, Select, exists, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.graph_document import HEAD
from app.archive.models import call_records, documents, participants
from app.db import UtcDateTime

Operator = Literal["ge", "gt", "le", "lt"]
Tenants = tuple[str, ...] | None
"""Those one may see; None is all of them."""

_COMPARE = {"ge": ge, "gt": gt, "le": le, "lt": lt}

c, d, p = call_records.c, documents.c, participants.c


@dataclass(frozen=True, slots=True)
class Sought:
    """Calls of these tenants, within all bounds, in which all these took part."""

    tenants: Tenants
    starts: tuple[tuple[Operator, datetime], ...] = ()
    participants: tuple[str, ...] = ()


class Place(NamedTuple):
    """Where a page ended."""

    ordered_at: datetime
    key: int


class Listed(NamedTuple):
    place: Place
    document: bytes
    """Packed, and cut after its first 256 KiB."""


class Found(NamedTuple):
    key: int
    version: int
    document: bytes


async def page(db: AsyncConnection, sought: Sought, after: Place | None, limit: int) -> list[Listed]:
    """The next calls, newest start first; those without a start stand where they ended."""
    begin = func.substr(d.document, 1, HEAD, type_=LargeBinary)
    wanted = select(c.ordered_at, c.key, begin).join(documents, (d.call_key == c.key) & (d.version == c.version))
    wanted = _only(wanted, sought)
    if after is not None:
        wanted = wanted.where(
            tuple_(c.ordered_at, c.key) < tuple_(literal(after.ordered_at, UtcDateTime()), literal(after.key))
        )
    rows = await db.execute(wanted.order_by(c.ordered_at.desc(), c.key.desc()).limit(limit))
    return [Listed(Place(ordered_at, key), bytes(document)) for ordered_at, key, document in rows]


async def count(db: AsyncConnection, sought: Sought) -> int:
    return await db.scalar(_only(select(func.count()).select_from(call_records), sought)) or 0


async def one(
    db: AsyncConnection, call_id: str, tenants: Tenants, exactly: tuple[int, int] | None = None
) -> Found | None:
    """The call with this id, or exactly that key and version of it; should two tenants have it, the last one kept."""
    wanted = select(c.key, d.version, d.document).join(documents, d.call_key == c.key)
    wanted = wanted.where(c.call_id == call_id.lower(), *_of(tenants))
    if exactly is None:
        wanted = wanted.where(d.version == c.version)
    else:
        wanted = wanted.where(c.key == exactly[0], d.version == exactly[1])
    found = (await db.execute(wanted.order_by(c.key.desc()).limit(1))).first()
    return Found(found.key, found.version, bytes(found.document)) if found else None


async def whole(db: AsyncConnection, keys: Sequence[int]) -> dict[int, bytes]:
    """The documents in force of these calls, uncut."""
    wanted = select(c.key, d.document).join(documents, (d.call_key == c.key) & (d.version == c.version))
    return {key: bytes(document) for key, document in await db.execute(wanted.where(c.key.in_(keys)))}


def _only(wanted: Select[Any], sought: Sought) -> Select[Any]:
    wanted = wanted.where(*_of(sought.tenants))
    if sought.starts:
        # What has a start is ordered by it: the bounds are written on the column that the index has.
        bounds = [_COMPARE[operator](c.ordered_at, moment) for operator, moment in sought.starts]
        wanted = wanted.where(c.start_date_time.is_not(None), *bounds)
    return wanted.where(*(_took_part(participant) for participant in sought.participants))


def _of(tenants: Tenants) -> list[ColumnElement[bool]]:
    return [] if tenants is None else [c.tenant_id.in_([tenant.lower() for tenant in tenants])]


def _took_part(participant: str) -> ColumnElement[bool]:
    """Graph writes object ids in lower case, whoever asks in upper."""
    return exists().where(p.call_key == c.key, p.participant_id.in_({participant, participant.lower()}))
