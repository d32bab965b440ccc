"""Removes the detail rows of archived calls, or writes them again from the documents, in small transactions.

It can stop at any moment: each call says whether it has its rows. A call that is saved meanwhile is left out, and
looked at again in the next run.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import changes, reading
from app.archive.detail.from_document import Document
from app.archive.detail.wanted import EVERYTHING, Rows
from app.archive.queries.paging.position import Position, calls_after
from app.archive.schema.derivation import DERIVATION
from app.archive.schema.tables import DETAIL, call_records, underived
from app.archive.store import children
from app.db import Database
from app.settings.units import DetailRows

CALLS, STREAMS = 50, 5_000  # changed in one transaction, at most; one call may have more streams

c = call_records.c


class Call(NamedTuple):
    key: int
    ordered_at: datetime
    revision: int
    counts: tuple[int, ...]
    """Of participants, sessions, segments and streams."""


@dataclass(slots=True)
class Changed:
    """One transaction's calls."""

    removed: int = 0
    written: int = 0
    unreadable: list[int] = field(default_factory=list)
    """Keys of calls whose document does not give their rows: they stay as they are."""


async def pending(db: AsyncConnection, wanted: DetailRows, now: datetime) -> int:
    """How many calls have detail rows and should not, or should and do not."""
    conditions = [one for one in (_surplus(wanted, now), _missing(wanted, now)) if one is not None]
    count = 0
    for condition in conditions:
        count += await db.scalar(select(func.count()).select_from(call_records).where(condition)) or 0
    return count


async def is_any_pending(db: AsyncConnection, wanted: DetailRows, now: datetime, skipped: Sequence[int]) -> bool:
    """The same without counting, and without calls that were skipped."""
    for condition in (await _removable(db, wanted, now), _missing(wanted, now)):
        if condition is not None:
            there = select(c.key).where(condition, c.key.not_in(skipped)).limit(1)
            if await db.scalar(there) is not None:
                return True
    return False


async def follow(database: Database, wanted: DetailRows, now: datetime) -> AsyncIterator[Changed]:
    """Changes every call that is not as wanted; what each transaction did, after it."""
    async with database.reading() as db:
        surplus = await _removable(db, wanted, now)
    if surplus is not None:
        async for changed in _each(database, surplus, write=False):
            yield changed
    missing = _missing(wanted, now)
    if missing is not None:
        async for changed in _each(database, missing, write=True):
            yield changed


async def _each(database: Database, condition: ColumnElement[bool], *, write: bool) -> AsyncIterator[Changed]:
    after: Position | None = None
    while True:
        async with database.reading() as db:
            calls = await _some(db, condition, after)
        if not calls:
            return
        yield await (_write(database, calls) if write else _remove(database, calls))
        after = Position(calls[-1].ordered_at, calls[-1].key)


async def _remove(database: Database, calls: Sequence[Call]) -> Changed:
    """Only of calls whose document gives as many rows: from it they are read from now on."""
    async with database.snapshot() as db:
        counts = dict([one async for one in reading.of_documents(db, [call.key for call in calls], _counts)])
    readable = [call for call in calls if counts.get(call.key) == call.counts]
    async with database.begin() as db:
        keys = await _unchanged(db, readable, has_detail=True)
        await children.remove_detail(db, keys)
        await _mark(db, keys, has_detail=False)
    return Changed(removed=len(keys), unreadable=_unreadable(calls, readable))


async def _write(database: Database, calls: Sequence[Call]) -> Changed:
    async with database.snapshot() as db:
        rows = dict([one async for one in reading.of_documents(db, [call.key for call in calls], _rows)])
    readable = [call for call in calls if call.key in rows and _lengths(rows[call.key]) == call.counts]
    async with database.begin() as db:
        keys = await _unchanged(db, readable, has_detail=False)
        await children.remove_detail(db, keys)  # an older program may have written some
        found = {table.name: [row for key in keys for row in rows[key][table.name]] for table in DETAIL}
        await children.insert_detail(db, found)
        await _mark(db, keys, has_detail=True)
    return Changed(written=len(keys), unreadable=_unreadable(calls, readable))


def _counts(document: Document) -> tuple[int, tuple[int, ...]]:
    return document.call_key, _lengths(document.rows(EVERYTHING))


def _rows(document: Document) -> tuple[int, Rows]:
    return document.call_key, document.rows(EVERYTHING)


def _lengths(rows: Rows) -> tuple[int, ...]:
    return tuple(len(rows[name]) for name in ("participants", "sessions", "segments", "streams"))


def _unreadable(calls: Sequence[Call], readable: Sequence[Call]) -> list[int]:
    return [call.key for call in calls if call not in readable]


async def _some(db: AsyncConnection, condition: ColumnElement[bool], after: Position | None) -> list[Call]:
    counts = (c.participant_count, c.session_count, c.segment_count, c.stream_count)
    wanted = select(c.key, c.ordered_at, c.revision, *counts).where(condition)
    if after is not None:
        wanted = wanted.where(calls_after("start", after))
    some: list[Call] = []
    streams = 0
    for key, ordered_at, revision, *counted in await db.execute(wanted.order_by(c.ordered_at, c.key).limit(CALLS)):
        streams += counted[-1]
        if some and streams > STREAMS:
            break
        some.append(Call(key, ordered_at, revision, tuple(counted)))
    return some


async def _unchanged(db: AsyncConnection, calls: Sequence[Call], *, has_detail: bool) -> list[int]:
    """The keys of those that were neither saved nor removed since; nor can they be until the transaction ends.

    Without those that another transaction has locked: it may lock them in another order.
    """
    revisions = {call.key: call.revision for call in calls}
    wanted = select(c.key, c.revision).where(c.key.in_(revisions), c.has_detail == literal(has_detail))
    rows = await db.execute(wanted.order_by(c.key).with_for_update(skip_locked=True))
    return [key for key, revision in rows if revisions[key] == revision]


async def _mark(db: AsyncConnection, keys: Sequence[int], *, has_detail: bool) -> None:
    if keys:
        await db.execute(update(call_records).where(c.key.in_(keys)).values(has_detail=has_detail))
        await changes.add(db, len(keys), datetime.now(UTC))


async def _removable(db: AsyncConnection, wanted: DetailRows, now: datetime) -> ColumnElement[bool] | None:
    """None while calls wait to be derived again: until then their rows have more than their documents."""
    surplus = _surplus(wanted, now)
    if surplus is None or await db.scalar(select(c.key).where(underived).limit(1)) is not None:
        return None
    return surplus & (c.derivation >= DERIVATION)


def _surplus(wanted: DetailRows, now: datetime) -> ColumnElement[bool] | None:
    """Calls with detail rows that should have none."""
    if wanted.age is None:
        return None
    old = c.ordered_at < now - wanted.age if wanted.age else true()
    return (c.has_detail == literal(True)) & old  # noqa: FBT003 -- SQL's


def _missing(wanted: DetailRows, now: datetime) -> ColumnElement[bool] | None:
    """Calls without detail rows that should have them."""
    if wanted.age is not None and not wanted.age:
        return None
    young = c.ordered_at >= now - wanted.age if wanted.age else true()
    return (c.has_detail == literal(False)) & young  # noqa: FBT003 -- SQL's
