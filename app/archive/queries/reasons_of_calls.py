"""What the poor streams of some calls were due to."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.detail.from_document import Document
from app.archive.detail.wanted import Wanted
from app.archive.schema.tables import streams

s = streams.c

_WANTED = (Wanted(streams, ("poor_due_to",), quality="poor"),)


async def reasons(db: AsyncConnection, call_keys: Sequence[int]) -> dict[int, list[str]]:
    """Graph's names of the metrics by call key, in order; of each call with a poor stream."""
    stored = await reading.stored_keys(db, call_keys)
    wanted = select(s.call_key, s.poor_due_to).where(s.call_key.in_(stored), s.quality == "poor").distinct()
    found: dict[int, set[str]] = {}
    _add(found, await db.execute(wanted) if stored else ())
    async for some in reading.of_documents(db, set(call_keys) - stored, _of_document):
        _add(found, some)
    return {key: sorted(metrics) for key, metrics in found.items()}


def _of_document(document: Document) -> set[tuple[int, str | None]]:
    return {(row[0], row[-1]) for row in document.rows(_WANTED)["streams"]}


def _add(found: dict[int, set[str]], rows: Iterable[Any]) -> None:
    for key, due_to in rows:
        found.setdefault(key, set()).update(filter(None, (due_to or "").split(",")))
