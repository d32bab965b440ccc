"""Takes a person out of some calls: the documents of all versions, and the rows of the current one.

The slow work is done before the transaction that saves begins. Calls that were saved meanwhile are left out of it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import erased_kinds
from app.archive.detail.erased_kinds import NO_KINDS, Kinds
from app.archive.documents.dictionaries import zstd
from app.archive.documents.json_text import Pieces
from app.archive.erasure import erase_document, stored_versions
from app.archive.erasure.digests import Erased
from app.archive.erasure.erase_record import Frames, changed, from_document, rebuilt
from app.archive.erasure.judge import Judge
from app.archive.erasure.stored_versions import Call, Versions
from app.archive.erasure.traces import Traces
from app.archive.outcomes.stored import with_outcome
from app.archive.parse.record import ParsedRecord
from app.archive.schema.tables import documents
from app.archive.store import people_index, record_store
from app.db import Database

BYTES = 4_000_000  # of documents that are rewritten at once; one call may have more

d = documents.c


class Stored(NamedTuple):
    call: Call
    versions: Versions
    kinds: Kinds


class Opened(NamedTuple):
    """A call whose documents are unpacked and located."""

    stored: Stored
    frames: Mapping[int, Frames]
    pieces: Mapping[int, Pieces]

    def judge(self, erased: Erased) -> Judge:
        return Judge(erased, self.stored.call["tenant_id"], self.stored.call["call_id"])


class Rewritten(NamedTuple):
    """What is to be saved of a call; nothing where it has nothing of the person."""

    call: Call
    versions: frozenset[int]
    new: Versions
    record: ParsedRecord | None
    """That becomes current, if that is another one."""
    counts: Counter[str]
    """By table, the rows in which the person was."""


async def first(db: AsyncConnection, keys: Sequence[int], most: int) -> Sequence[int]:
    """As many of these calls as are rewritten at once."""
    some = keys[:most]
    sizes = select(d.call_key, func.sum(d.raw_bytes)).where(d.call_key.in_(some)).group_by(d.call_key)
    size_of = {key: int(size) for key, size in await db.execute(sizes)}
    total = 0
    for number, key in enumerate(some):
        total += size_of.get(key, 0)
        if number and total > BYTES:
            return some[:number]
    return some


async def read(database: Database, keys: Sequence[int]) -> list[Stored]:
    """The calls that are there."""
    async with database.reading() as db:
        found = await stored_versions.read_all(db, keys)
        kinds = await erased_kinds.of_calls(db, keys)
    return [Stored(*found[key], kinds.get(key, NO_KINDS)) for key in keys if key in found]


def opened(calls: Iterable[Stored]) -> tuple[list[Opened], list[int]]:
    """Also the keys of calls with a document that cannot be read."""
    found, unreadable = [], []
    for stored in calls:
        try:
            frames = {version: Frames(packed) for version, packed in stored.versions.items()}
            pieces = {version: erase_document.read(frame.raw) for version, frame in frames.items()}
        except (zstd.ZstdError, ValueError, LookupError):
            unreadable.append(stored.call["key"])
        else:
            found.append(Opened(stored, frames, pieces))
    return found, unreadable


def traces(calls: Iterable[Opened], erased: Erased) -> Traces:
    """By what else the person is known in these calls."""
    found = Traces()
    for call in calls:
        judge = call.judge(erased)
        for document in call.pieces.values():
            found |= erase_document.traces(document, judge)
    return found


def rewritten(calls: Iterable[Opened], erased: Erased, person: str, known: Traces) -> list[Rewritten]:
    return [_rewritten(call, call.judge(erased), person, known) for call in calls]


def _rewritten(opened: Opened, judge: Judge, person: str, known: Traces) -> Rewritten:
    call, versions, kinds = opened.stored
    by_pseudonym = {judge.erased.pseudonym(person, call["tenant_id"], call["call_id"]): known}
    new = {}
    for version, document in opened.pieces.items():
        if edits := erase_document.edits(document, judge, by_pseudonym, is_stored=True):
            new[version] = opened.frames[version].edited(edits)
    counts, record = _compared(call, versions, new, kinds)
    return Rewritten(call, frozenset(versions), new, record, counts)


def _compared(call: Call, versions: Versions, new: Versions, kinds: Kinds) -> tuple[Counter[str], ParsedRecord | None]:
    counts = Counter({"documents": len(new)} if new else {})
    version = call["version"]
    if version not in new:
        return counts, None
    old = from_document(call, versions[version])
    record = rebuilt(old, new[version], stored_kinds=kinds)  # those of people who were erased before
    counts.update(changed(with_outcome(old), with_outcome(record)))  # saving judges the record again
    return counts, record


async def save(db: AsyncConnection, calls: Sequence[Rewritten]) -> set[int]:
    """The keys of those that are done; of the others, try again."""
    to_save = [call for call in calls if call.new]
    now = await stored_versions.lock(db, [call.call["key"] for call in to_save])
    unchanged = [call for call in to_save if now.get(call.call["key"]) == (call.call["revision"], call.versions)]
    for call in unchanged:
        await stored_versions.write(db, call.call["key"], _not_current(call))
    await _save_records(db, [call.record for call in unchanged if call.record], _keys(unchanged))
    return _keys(unchanged) | _keys(call for call in calls if not call.new)


def _keys(calls: Iterable[Rewritten]) -> set[int]:
    return {call.call["key"] for call in calls}


def _not_current(call: Rewritten) -> Versions:
    """The document of the record that becomes current is saved with it."""
    return {version: document for version, document in call.new.items() if version != call.call["version"]}


async def _save_records(db: AsyncConnection, records: Sequence[ParsedRecord], keys: Collection[int]) -> None:
    for record in records:
        record.stored_at = record.row["stored_at"] = datetime.now(UTC)  # the next export writes it again
    await people_index.remove(db, sorted(keys))  # with the people whom no other call has
    if records:
        await record_store.save(db, records)
