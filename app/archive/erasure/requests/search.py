"""Reads every document of the archive, in order, and says which calls mention a person."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.documents.codec import unpack
from app.archive.documents.dictionaries import zstd
from app.archive.erasure import mentions
from app.archive.erasure.requests.table import BEGINNING
from app.archive.erasure.traces import Traces
from app.archive.schema.tables import documents
from app.db import Database

BATCH, BATCH_BYTES = 100, 16_000_000  # documents read at once, and bytes of their text

Place = tuple[int, int]
"""The key of a call, and the version of a document."""


class Searched(NamedTuple):
    """Some documents."""

    end: Place
    documents: int
    calls: list[int]
    """Keys of those that mention the person."""
    unreadable: list[int]


async def count(db: AsyncConnection) -> int:
    return await db.scalar(select(func.count()).select_from(documents)) or 0


def forms(known: Traces) -> set[str]:
    """What is searched for."""
    return {form for text in known.everything() for form in mentions.forms(text)}


async def search(database: Database, known: Callable[[], Traces], after: Place = BEGINNING) -> AsyncIterator[Searched]:
    """``known`` may grow meanwhile: documents that are read afterwards are searched for that too."""
    while batch := await _some(database, after):
        found, unreadable = await asyncio.to_thread(_mentioning, batch, forms(known()))
        after = (batch[-1].call_key, batch[-1].version)
        yield Searched(after, len(batch), found, unreadable)


async def _some(database: Database, after: Place) -> Sequence[Any]:
    place = tuple_(documents.c.call_key, documents.c.version)
    order = (documents.c.call_key, documents.c.version)
    async with database.reading() as db:
        sizes = select(*order, documents.c.raw_bytes).where(place > after).order_by(*order).limit(BATCH)
        end = _end_of_batch((await db.execute(sizes)).all())
        if end is None:
            return []
        wanted = select(*order, documents.c.document).where(place > after, place <= end).order_by(*order)
        return (await db.execute(wanted)).all()


def _end_of_batch(rows: Iterable[Any]) -> Place | None:
    """The place of the last document that is read with the first one; None where there is none."""
    end, size = None, 0
    for row in rows:
        size += row.raw_bytes
        if end is not None and size > BATCH_BYTES:
            break
        end = row.call_key, row.version
    return end


def _mentioning(batch: Sequence[Any], sought: set[str]) -> tuple[list[int], list[int]]:
    found, unreadable = [], []
    for row in batch:
        try:
            raw = unpack(row.document)
        except (zstd.ZstdError, ValueError, LookupError):
            unreadable.append(row.call_key)
            continue
        if mentions.are_in(raw, sought):
            found.append(row.call_key)
    return sorted(set(found)), sorted(set(unreadable))
