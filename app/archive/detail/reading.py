"""Reads the detail of calls: from rows where a call has them, else from its document. The answers are equal.

To be read in one snapshot: rows are removed and written again while calls are read (see DETAIL_ROWS).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Select, case, func, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import erased_kinds, from_rows
from app.archive.detail.erased_kinds import NO_KINDS, Kinds
from app.archive.detail.from_document import Document
from app.archive.detail.wanted import Rows, Wanted, place
from app.archive.documents.codec import zstd
from app.archive.parse.quality_rules import named
from app.archive.schema.tables import call_records, documents, sessions
from app.observability import log

LARGE = 64_000  # bytes of JSON; a smaller document is read faster than a thread begins
CALLS, BYTES = 100, 4_000_000  # documents, and bytes of their JSON, that are read at once; one may have more

Result = TypeVar("Result")

_log = log.get(__name__)

c, d = call_records.c, documents.c
_of_current = (d.call_key == c.key) & (d.version == c.version)


@dataclass(frozen=True, slots=True)
class Detail:
    """The detail of one call, for as long as the connection's transaction."""

    db: AsyncConnection
    call_key: int
    document: Document | None
    """None where the call has rows."""
    is_large: bool = False

    async def rows(self, wanted: Sequence[Wanted], first: int = 0, last: int | None = None) -> Rows:
        """Of all sessions, or of those from one position to another, both included."""
        if self.document is None:
            return await from_rows.of_call(self.db, self.call_key, wanted, None if last is None else (first, last))
        end = await self.end()
        positions = range(first, end if last is None else min(last + 1, end))
        return await _in_thread(partial(self.document.rows, wanted, positions), large=self.is_large)

    async def end(self) -> int:
        """One more than the last position of a session."""
        if self.document is not None:
            return len(self.document.sessions)
        position = sessions.c.session_position
        last = await self.db.scalar(select(func.max(position)).where(sessions.c.call_key == self.call_key))
        return 0 if last is None else last + 1


async def of_call(db: AsyncConnection, call_key: int) -> Detail:
    """The detail of the call with this key; of a call that is not there, nothing."""
    row = (await db.execute(_sources().where(c.key == call_key))).first()
    if row is None or row.has_detail:
        return Detail(db, call_key, None)
    kinds = await erased_kinds.of_calls(db, [call_key])
    large = _is_large(row)
    document = await _in_thread(partial(_document, row, kinds.get(call_key, NO_KINDS)), large=large)
    return Detail(db, call_key, document, large)


async def of_calls(db: AsyncConnection, keys: Collection[int], wanted: Sequence[Wanted]) -> Rows:
    """Of all sessions of these calls."""
    stored = await stored_keys(db, keys)
    found = await from_rows.of_calls(db, stored, wanted) if stored else {}
    parsed = [some async for some in of_documents(db, set(keys) - stored, lambda document: document.rows(wanted))]
    return _joined(found, parsed, wanted)


async def of_sessions(db: AsyncConnection, places: Collection[tuple[int, int]], wanted: Sequence[Wanted]) -> Rows:
    """Of some sessions: (key of the call, position)."""
    positions: dict[int, list[int]] = {}
    for call_key, position in sorted(set(places)):
        positions.setdefault(call_key, []).append(position)
    stored = await stored_keys(db, positions)
    found = await from_rows.of_sessions(db, [one for one in places if one[0] in stored], wanted) if stored else {}

    def rows(document: Document) -> Rows:
        there = len(document.sessions)
        return document.rows(wanted, [one for one in positions[document.call_key] if one < there])

    parsed = [some async for some in of_documents(db, set(positions) - stored, rows)]
    return _joined(found, parsed, wanted)


async def stored_keys(db: AsyncConnection, keys: Iterable[int]) -> set[int]:
    """Those of these calls that have rows."""
    with_rows = select(c.key).where(c.key.in_(list(keys)), c.has_detail)
    return set(await db.scalars(with_rows))


async def of_documents(
    db: AsyncConnection, keys: Collection[int], read: Callable[[Document], Result]
) -> AsyncIterator[Result]:
    """What ``read`` makes of the document of each of these calls, in the order of their keys. It runs in a thread."""
    sizes = select(c.key, d.raw_bytes).join(documents, _of_current).where(c.key.in_(keys)).order_by(c.key)
    for some in _batches((await db.execute(sizes)).all() if keys else ()):
        kinds = await erased_kinds.of_calls(db, some)
        rows = (await db.execute(_sources(always=True).where(c.key.in_(some)).order_by(c.key))).all()
        for result in await asyncio.to_thread(_each, rows, kinds, read):
            yield result


async def memory(db: AsyncConnection, keys: Collection[int]) -> int:
    """How many bytes it takes to read the documents of these calls, one after another; 0 where all have rows."""
    wanted = select(func.max(d.raw_bytes)).join(call_records, _of_current).where(c.key.in_(keys), ~c.has_detail)
    return 2 * (await db.scalar(wanted) or 0)  # the text, and the text with the places of its sessions


async def is_any_without_rows(db: AsyncConnection) -> bool:
    """Whether any call of the archive has no detail rows."""
    return await db.scalar(select(c.key).where(~c.has_detail).limit(1)) is not None


def _sources(*, always: bool = False) -> Select[Any]:
    """Of each call whether it has rows, and its document if it has none."""
    document = d.document if always else case((c.has_detail, null()), else_=d.document)
    wanted = select(
        c.key, c.tenant_id, c.call_id, c.has_detail, c.quality_rules, d.raw_bytes, document.label("document")
    )
    return wanted.outerjoin(documents, _of_current)


def _batches(sizes: Iterable[Any]) -> Iterable[list[int]]:
    some: list[int] = []
    size = 0
    for key, raw_bytes in sizes:
        if some and (len(some) == CALLS or size + raw_bytes > BYTES):
            yield some
            some, size = [], 0
        some.append(key)
        size += raw_bytes
    if some:
        yield some


def _each(rows: Sequence[Any], kinds: Any, read: Callable[[Document], Result]) -> list[Result]:
    return [read(_document(row, kinds.get(row.key, NO_KINDS))) for row in rows]


def _document(row: Any, kinds: Kinds) -> Document:
    """Without sessions where the document is missing or cannot be read."""
    rules = named(row.quality_rules)
    try:
        if row.document:
            return Document(row.key, row.document, rules, kinds)
    except (zstd.ZstdError, ValueError, LookupError, RecursionError):
        pass
    _log.error("document_unreadable", tenant_id=row.tenant_id, call_id=row.call_id)
    return Document(row.key, b"", rules, NO_KINDS)


def _is_large(row: Any) -> bool:
    return (row.raw_bytes or 0) > LARGE


async def _in_thread(work: Callable[[], Result], *, large: bool) -> Result:
    return await asyncio.to_thread(work) if large else work()


def _joined(stored: Rows, parsed: Iterable[Rows], wanted: Sequence[Wanted]) -> Rows:
    """All rows in one order."""
    joined: Rows = {one.table.name: list(stored.get(one.table.name, ())) for one in wanted}
    for some in parsed:
        for name, rows in some.items():
            joined[name] += rows
    for one in wanted if stored else ():
        joined[one.table.name].sort(key=partial(place, one.table))
    return joined
