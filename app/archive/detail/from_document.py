"""Detail of one call from its document: the rows that saving it with its detail writes. Pure."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from app.archive.detail.erased_kinds import ERASED, Kinds
from app.archive.detail.wanted import Rows, Wanted, width
from app.archive.documents import archived
from app.archive.documents.items import Items
from app.archive.parse.call_dimensions import NONE, CallDimensions, Streams
from app.archive.parse.identities.took_part import Parties
from app.archive.parse.quality_rules import RuleSet
from app.archive.parse.row import Row
from app.archive.parse.sessions import Sessions
from app.archive.schema.tables import segments, sessions, trace_route_hops

_PLACE_OF_HOP = itemgetter(*range(width(trace_route_hops) - 1))


class Document:
    """Its sessions, which are parsed as they are asked for: a meeting may have thousands."""

    def __init__(self, call_key: int, packed: bytes, rules: RuleSet, kinds: Kinds) -> None:
        """``packed`` may be empty; raises zstd.ZstdError, ValueError or LookupError for what is no document."""
        record = archived.parsed(packed)[0] if packed else None
        found = record.get("sessions") if isinstance(record, dict) else None
        self.sessions: Sequence[Any] = found if isinstance(found, list | Items) else []
        self.call_key = call_key
        self._rules = rules
        self._kinds = kinds

    def rows(self, wanted: Sequence[Wanted], positions: Iterable[int] | None = None) -> Rows:
        """Of the sessions at these positions, in their order; of all by default."""
        read = _Rows(self._rules)
        for position in range(len(self.sessions)) if positions is None else positions:
            read.seen = position
            read.add([self.sessions[position]])
        return {one.table.name: self._picked(one, read.table(one.table.name)) for one in wanted}

    def _picked(self, one: Wanted, rows: list[Row]) -> list[Row]:
        if self._kinds and one.table in (sessions, segments):
            rows = [_with_kinds(one.table, row, self._kinds) for row in rows]
        if one.quality is not None:
            quality = _place(one.table, "quality")
            rows = [row for row in rows if row[quality] == one.quality]
        key, pick = (self.call_key,), _picker(one.table, one.columns)
        return [key + pick(row) for row in rows]


class _NoDimensions(CallDimensions):
    """Counts nothing."""

    def add_ends(self, *_: Any) -> None: ...

    def add_media(self, *_: Any) -> None: ...

    def add_stream(self, *_: Any) -> Streams:
        return NONE


class _NoParties(Parties):
    def add_ends(self, *_: Any) -> None: ...


class _Rows(Sessions):
    """The rows alone, without what else is gathered when a record is saved."""

    def __init__(self, rules: RuleSet) -> None:
        super().__init__(rules)
        self.dimensions = _NoDimensions()
        self.parties = _NoParties()

    def table(self, name: str) -> list[Row]:
        tables = {
            "sessions": self.sessions,
            "segments": self.segments,
            "media": self.media,
            "streams": self.streams,
            "trace_route_hops": sorted(self.hops, key=_PLACE_OF_HOP),  # they are read side by side
        }
        return tables[name]


def _place(table: Table, column: str) -> int:
    """Where in a parsed row, which has no call_key, the column is."""
    return table.columns.keys().index(column) - 1


@lru_cache(maxsize=256)
def _picker(table: Table, columns: tuple[str, ...]) -> Callable[[Row], Row]:
    """The positions and these columns of a parsed row."""
    places = (*range(width(table) - 1), *(_place(table, column) for column in columns))
    if places == tuple(range(len(table.columns) - 1)):
        return tuple
    return itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)


@lru_cache(maxsize=2)
def _identities(table: Table) -> list[tuple[int, int]]:
    """Where a parsed row has the kind and the id of an identity."""
    names = [f"{side}_identity" for side in ("caller", "callee")]
    return [(_place(table, f"{name}_kind"), _place(table, f"{name}_id")) for name in names]


def _with_kinds(table: Table, row: Row, kinds: Kinds) -> Row:
    values = list(row)
    for kind, an_id in _identities(table):
        if (pseudonym := values[an_id]) and pseudonym.startswith(ERASED):
            values[kind] = kinds.get(pseudonym) or values[kind]
    return tuple(values)
