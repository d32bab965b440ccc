"""Takes erased people out of a record before it is saved, and out of packed documents. Without I/O.

The rows are what the rewritten document gives, so that document and rows can never differ.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any

from app import wire
from app.archive.detail.erased_kinds import ERASED
from app.archive.documents import archived, codec
from app.archive.documents.dictionaries import zstd
from app.archive.documents.json_text import Edit, edited
from app.archive.erasure import erase_document
from app.archive.erasure.digests import Erased
from app.archive.erasure.judge import Judge
from app.archive.erasure.traces import Traces
from app.archive.parse.identities.took_part import Entry
from app.archive.parse.quality_rules import RuleSet, named
from app.archive.parse.record import ParsedRecord, RecordBuilder
from app.archive.parse.row import Row
from app.archive.schema.tables import CHILDREN
from app.ids import CallId, TenantId

_KINDS = {
    table.name: [number for number, name in enumerate(table.columns.keys()[1:]) if name.endswith("identity_kind")]
    for table in CHILDREN
}


def without(record: ParsedRecord, erased: Erased) -> ParsedRecord:
    """The record without all erased people; itself if it contains none of them."""
    if not erased:
        return record
    packed = rewritten(record.document, Judge(erased, record.tenant_id, record.call_id))
    return record if packed is None else rebuilt(record, packed)


def rewritten(packed: bytes, judge: Judge, known: dict[str, Traces] | None = None) -> bytes | None:
    """The document without them; None where it holds nothing of them."""
    return edited_frames(packed, lambda raw: erase_document.edits(erase_document.read(raw), judge, known))


def edited_frames(packed: bytes, edits_of: Callable[[bytes], list[Edit]]) -> bytes | None:
    """The document with these edits, in as many frames as it had; None where there are none."""
    frames = Frames(packed)
    edits = edits_of(frames.raw)
    return frames.edited(edits) if edits else None


class Frames:
    """A packed document that is unpacked."""

    def __init__(self, packed: bytes) -> None:
        texts = [codec.unpack(frame) for frame in _frames(packed)]
        self._ends = [0, *accumulate(map(len, texts))]
        self.raw = b"".join(texts)

    def edited(self, edits: Sequence[Edit]) -> bytes:
        """Packed again, in as many frames."""
        view = memoryview(self.raw)
        return b"".join(codec.pack(edited(view[a:b], _between(edits, a, b))) for a, b in pairwise(self._ends))


def rebuilt(
    record: ParsedRecord, packed: bytes, rules: RuleSet | None = None, stored_kinds: Mapping[str, str] | None = None
) -> ParsedRecord:
    """The record as it reads with this document. Whether it is complete stays as it was.

    So do the kinds of erased identities, which only the id may have shown: those of ``record``, and where this is made
    from a document, ``stored_kinds`` by pseudonym. Its streams are judged by ``rules``, or by those before.
    """
    rules = rules or named(record.row["quality_rules"])
    new = _read(record.tenant_id, record.call_id, packed, record.stored_at, rules)
    return _completed(new, record.row, record.children, dict(stored_kinds or {}))


def derived(row: Mapping[str, Any], packed: bytes, rules: RuleSet, stored_kinds: Mapping[str, str]) -> ParsedRecord:
    """The same for the document that the archive has, from its row."""
    new = _read(row["tenant_id"], row["call_id"], packed, row["stored_at"], rules)
    return _completed(new, row, new.children, dict(stored_kinds))


def _completed(
    new: ParsedRecord, row: Mapping[str, Any], children: Mapping[str, list[Row]], kinds: dict[str, str]
) -> ParsedRecord:
    """With what the document does not say, from the row and the children of before."""
    new.complete, new.incomplete_reason = row["complete"], row["incomplete_reason"]
    names = ("complete", "incomplete_reason", "session_count", "has_detail", "addresses_removed_at")
    new.row |= {name: row[name] for name in names}
    new.row["ordered_at"] = _ordered_at(new.row, row["ordered_at"])
    new.row["pstn"] = new.row["pstn"] or row["pstn"]
    _restore_kind(new.row, row, "organizer_identity_kind", "organizer_identity_id", kinds)
    for table, positions in _KINDS.items():
        if positions and len(new.children[table]) == len(children[table]):
            pairs = zip(new.children[table], children[table], strict=True)
            new.children[table] = [_with_kinds(row, old, positions, kinds) for row, old in pairs]
    new.people = [_with_kind(entry, kinds) for entry in new.people]
    return new


def from_document(row: Mapping[str, Any], packed: bytes) -> ParsedRecord:
    """The record whose row and document the archive has, with its children."""
    rules = named(row["quality_rules"])
    record = _read(row["tenant_id"], row["call_id"], packed, row["stored_at"], rules)
    record.complete, record.incomplete_reason = row["complete"], row["incomplete_reason"]
    record.row = {name: row[name] for name in record.row}
    return record


def _read(tenant_id: TenantId, call_id: CallId, packed: bytes, now: datetime, rules: RuleSet) -> ParsedRecord:
    builder = RecordBuilder(tenant_id, call_id, rules)
    record, raw_bytes = archived.parsed(packed)
    builder.begin_archived(record, packed, raw_bytes)
    return builder.finish(now)


def changed(old: ParsedRecord, new: ParsedRecord) -> dict[str, int]:
    """How many rows of each table differ."""
    counts = {"call_records": int(old.row != new.row)}
    for table, rows in new.children.items():
        pairs = zip(old.children[table], rows, strict=False)
        counts[table] = sum(before != after for before, after in pairs)
    return {table: count for table, count in counts.items() if count}


def _ordered_at(row: dict[str, Any], before: datetime) -> datetime:
    """Where no time of the call is known it stays where it was listed, unless an older program took a wrong time."""
    is_known = any(row[name] for name in ("start_date_time", "end_date_time", "last_modified_date_time"))
    ordered_at: datetime = row["ordered_at"]
    return ordered_at if is_known or not wire.FIRST <= before < wire.AFTER_LAST else before


def _frames(packed: bytes) -> Iterator[bytes]:
    while packed:
        size = zstd.get_frame_size(packed)
        yield packed[:size]
        packed = packed[size:]


def _between(edits: Sequence[Edit], begin: int, end: int) -> list[Edit]:
    return [Edit(e.start - begin, e.end - begin, e.new) for e in edits if begin <= e.start < end]


def _with_kinds(row: Row, old: Row, positions: list[int], kinds: dict[str, str]) -> Row:
    values = list(row)
    for position in positions:
        _restore_kind(values, old, position, position + 1, kinds)
    return tuple(values)


def _restore_kind(values: Any, old: Any, kind: Any, an_id: Any, kinds: dict[str, str]) -> None:
    """Puts back the kind of an erased identity, and notes it by the pseudonym."""
    pseudonym = values[an_id]
    if pseudonym and pseudonym.startswith(ERASED):
        values[kind] = kinds.get(pseudonym) or old[kind] or values[kind]
        if values[kind]:
            kinds.setdefault(pseudonym, values[kind])


def _with_kind(entry: Entry, kinds: dict[str, str]) -> Entry:
    kind, an_id, *_ = entry.identity
    if kind or not an_id or an_id not in kinds:
        return entry
    return entry._replace(identity=(kinds[an_id], *entry.identity[1:]))
