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
from app.archive.parse.identities import participant_rows
from app.archive.parse.identities.participant_rows import Participants
from app.archive.parse.identities.took_part import Parties
from app.archive.parse.quality_rules import RuleSet
from app.archive.parse.row import Row, batches, items
from app.archive.parse.sessions import Sessions
from app.archive.schema.tables import PARTIES, SESSIONS, participants, segments, sessions, trace_route_hops

_PLACE_OF_HOP = itemgetter(*range(width(trace_route_hops) - 1))


class Document:
    """Its sessions, which are parsed as they are asked for: a meeting may have thousands."""

    def __init__(self, call_key: int, packed: bytes, rules: RuleSet, kinds: Kinds) -> None:
        """``packed`` may be empty; raises zstd.ZstdError, ValueError or LookupError for what is no document."""
        record = archived.parsed(packed)[0] if packed else None
        self._record: dict[str, Any] = record if isinstance(record, dict) else {}
        found = self._record.get("sessions")
        self.sessions: Sequence[Any] = found if isinstance(found, list | Items) else []
        self.call_key = call_key
        self._rules = rules
        self._kinds = kinds

    def rows(self, wanted: Sequence[Wanted], positions: Iterable[int] | None = None) -> Rows:
        """Of the sessions at these positions, in their order; of all by default. Participants are always all."""
        tables = [one.table for one in wanted]
        rows = self._of_parties() if any(one in PARTIES for one in tables) else {}
        if any(one in SESSIONS for one in tables):
            read = _Rows(self._rules)
            for position in range(len(self.sessions)) if positions is None else positions:
                read.seen = position
                read.add([self.sessions[position]])
            rows |= read.tables()
        return {one.table.name: self._picked(one, rows[one.table.name]) for one in wanted}

    def _of_parties(self) -> dict[str, list[Row]]:
        found = Participants()
        for some in batches(self._record.get("participants_v2")):
            found.add(some)
        if not found.rows:
            found.add_deprecated(items(self._record.get("participants")))
        units = participant_rows.organizer(self._record).units
        return {"participants": found.rows, "administrative_units": units + found.units}

    def _picked(self, one: Wanted, rows: list[Row]) -> list[Row]:
        if self._kinds and one.table in _IDENTITIES:
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

    def tables(self) -> dict[str, list[Row]]:
        return {
            "sessions": self.sessions,
            "segments": self.segments,
            "media": self.media,
            "streams": self.streams,
            "trace_route_hops": sorted(self.hops, key=_PLACE_OF_HOP),  # they are read side by side
        }


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


_IDENTITIES = {
    table: [(_place(table, f"{name}_kind"), _place(table, f"{name}_id")) for name in names]
    for table, names in (
        (participants, ("identity",)),
        (sessions, ("caller_identity", "callee_identity")),
        (segments, ("caller_identity", "callee_identity")),
    )
}
"""Where a parsed row has the kind and the id of an identity."""


def _with_kinds(table: Table, row: Row, kinds: Kinds) -> Row:
    values = list(row)
    for kind, an_id in _IDENTITIES[table]:
        if (pseudonym := values[an_id]) and pseudonym.startswith(ERASED):
            values[kind] = kinds.get(pseudonym) or values[kind]
    return tuple(values)
