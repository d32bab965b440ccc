"""The archive asked as Graph is asked: documents by id, or page by page, only of the tenants that one may see."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.documents.members import HEAD
from app.archive.queries.filters import of_tenants
from app.archive.queries.paging import graph_record_pages
from app.archive.queries.paging.graph_record_pages import Sought, Tenants
from app.archive.queries.paging.position import Position
from app.archive.schema.tables import call_records, documents
from app.ids import CallId

c, d = call_records.c, documents.c


class Page(NamedTuple):
    heads: dict[int, bytes]
    """Documents by key, in order: packed, and each cut after its first 256 KiB."""
    end: Position | None
    """Where the next page continues; None after the last."""


class Found(NamedTuple):
    key: int
    version: int
    document: bytes


async def page(db: AsyncConnection, sought: Sought, after: Position | None, size: int) -> Page:
    """The next calls, newest start first; those without a start stand where they ended."""
    positions = await graph_record_pages.positions(db, sought, after, size + 1)
    begin = func.substr(d.document, 1, HEAD, type_=LargeBinary)
    wanted = select(c.key, begin).join(documents, (d.call_key == c.key) & (d.version == c.version))
    found = await db.execute(wanted.where(c.key.in_([position.key for position in positions[:size]])))
    packed = {key: bytes(document) for key, document in found}
    heads = {key: packed[key] for _, key in positions if key in packed}
    return Page(heads, positions[size - 1] if len(positions) > size else None)


async def count(db: AsyncConnection, sought: Sought) -> int:
    return await graph_record_pages.count(db, sought)


async def one(
    db: AsyncConnection, call_id: CallId, tenants: Tenants, exactly: tuple[int, int] | None = None
) -> Found | None:
    """The call with this id, or exactly that key and version of it; if two tenants have it, the one stored last."""
    wanted = select(c.key, d.version, d.document).join(documents, d.call_key == c.key)
    wanted = wanted.where(c.call_id == call_id, *of_tenants(tenants, c.tenant_id))
    if exactly is None:
        wanted = wanted.where(d.version == c.version)
    else:
        wanted = wanted.where(c.key == exactly[0], d.version == exactly[1])
    found = (await db.execute(wanted.order_by(c.key.desc()).limit(1))).first()
    return Found(found.key, found.version, bytes(found.document)) if found else None


async def whole(db: AsyncConnection, keys: Sequence[int]) -> dict[int, bytes]:
    """The current documents of these calls, complete."""
    wanted = select(c.key, d.document).join(documents, (d.call_key == c.key) & (d.version == c.version))
    return {key: bytes(document) for key, document in await db.execute(wanted.where(c.key.in_(keys)))}
