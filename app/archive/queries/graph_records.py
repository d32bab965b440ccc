"""The archive asked as Graph is asked: documents by id, or page by page, only of the tenants that one may see."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import LargeBinary, case, func, select
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
    keys: list[int]
    """Of the calls, in order."""
    end: Position | None
    """Where the next page continues; None after the last."""


class Found(NamedTuple):
    key: int
    version: int
    document: bytes


class Place(NamedTuple):
    """Where a document is, its bytes as stored and as Graph sent it; the document itself only if it is small."""

    key: int
    version: int
    packed_bytes: int
    raw_bytes: int
    document: bytes | None


async def page(db: AsyncConnection, sought: Sought, after: Position | None, size: int) -> Page:
    """The next calls, newest start first; those without a start stand where they ended."""
    positions = await graph_record_pages.positions(db, sought, after, size + 1)
    keys = [position.key for position in positions[:size]]
    return Page(keys, positions[size - 1] if len(positions) > size else None)


async def heads(db: AsyncConnection, keys: Sequence[int]) -> dict[int, bytes]:
    """The current documents of these calls by key: packed, and each cut after its first 256 KiB."""
    begin = func.substr(d.document, 1, HEAD, type_=LargeBinary)
    wanted = select(c.key, begin).join(documents, (d.call_key == c.key) & (d.version == c.version))
    return {key: bytes(document) for key, document in await db.execute(wanted.where(c.key.in_(keys)))}


async def count(db: AsyncConnection, sought: Sought) -> int:
    return await graph_record_pages.count(db, sought)


async def one(
    db: AsyncConnection, call_id: CallId, tenants: Tenants, exactly: tuple[int, int] | None = None, *, most: int
) -> Place | None:
    """The call with this id, or exactly that key and version of it; if two tenants have it, the one stored last.

    Its document is read if it has at most ``most`` bytes unpacked.
    """
    small = case((d.raw_bytes <= most, d.document), else_=None)
    wanted = select(c.key, d.version, func.length(d.document), d.raw_bytes, small).join(documents, d.call_key == c.key)
    wanted = wanted.where(c.call_id == call_id, *of_tenants(tenants, c.tenant_id))
    if exactly is None:
        wanted = wanted.where(d.version == c.version)
    else:
        wanted = wanted.where(c.key == exactly[0], d.version == exactly[1])
    found = (await db.execute(wanted.order_by(c.key.desc()).limit(1))).first()
    return Place(*found) if found else None


async def document(db: AsyncConnection, key: int, version: int) -> bytes | None:
    """The document of exactly this version, packed."""
    found = await db.scalar(select(d.document).where(d.call_key == key, d.version == version))
    return None if found is None else bytes(found)


async def sizes(db: AsyncConnection, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The version of each call's current document and its bytes unpacked, by key."""
    wanted = select(c.key, d.version, d.raw_bytes).join(documents, (d.call_key == c.key) & (d.version == c.version))
    return {key: (version, size) for key, version, size in await db.execute(wanted.where(c.key.in_(keys)))}
