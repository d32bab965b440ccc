"""A parsed record with where its endpoints were: rows, the lists of the call's own row, and what it adds to the counts.

This is a step of its own between reading and saving, so that whatever saves a call matches it with the lists of now.
Services of Microsoft are nowhere. Pure.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from app import ids
from app.archive.parse.call_dimensions import NONE, ONE, Streams, written
from app.archive.parse.identities import identifiers
from app.archive.parse.record import ParsedRecord
from app.archive.parse.row import Row
from app.archive.schema import graph_types
from app.archive.schema.dimensions import LONGEST, OF_SITES
from app.archive.sites import end_network
from app.archive.sites.end_network import Place, Reported
from app.archive.sites.matching import Match
from app.archive.sites.site_map import SiteMap

Stored = Mapping[tuple[Any, ...], tuple[Match | None, str | None]]
"""(session, segment, media, side) -> what an earlier save found there: the match, and the name of the access point."""

SIDES = ("caller", "callee")
NETWORK = (
    *("ip_address", "subnet", "reflexive_ip_address", "basic_service_set_identifier"),
    *("connection_type", "wifi_band", "network_transport_protocol"),
)
_MEDIA = ["session", "segment", "media", *graph_types.columns(graph_types.MEDIA)]
_SEGMENT = ["session", "segment", *graph_types.columns(graph_types.SEGMENT)]
_SESSION = ["session", *graph_types.columns(graph_types.SESSION)]
_LABEL = _MEDIA.index("label")
_QUALITY = 4 + graph_types.columns(graph_types.STREAM).index("quality")
_networks = [itemgetter(*(_MEDIA.index(f"{side}_network_{name}") for name in NETWORK)) for side in SIDES]

_UNMAPPED = "unmapped_subnet"

Counts = dict[str, dict[str, Streams]]


class End(NamedTuple):
    """Who was at one end of a segment. ``person`` is folded, and empty where it is not known."""

    is_service: bool
    person: str
    tenant_id: str


def _who(names: list[str]) -> "list[itemgetter[Any]]":
    wanted = ("type", "identity_id", "identity_user_principal_name", "identity_tenant_id")
    return [itemgetter(*(names.index(f"{side}_{name}") for name in wanted)) for side in SIDES]


_of_segment, _of_session = _who(_SEGMENT), _who(_SESSION)


def located(record: ParsedRecord, sites: SiteMap, stored: Stored | None = None) -> ParsedRecord:
    """The record with everything that depends on sites.

    ``stored`` is what was found while the record still had addresses; then nothing is matched again.
    A record that has sites of other lists gets those of ``sites``.
    """
    counted = _without_sites(record.counts) if "sites_revision" in record.row else record.counts
    call = _Found(record, sites, stored)
    for media in record.children["media"]:
        call.add(media)
    counts = call.counts()
    columns = {column: written(counts[name]) for name, columns in OF_SITES.items() for column in columns}
    more = {name: {value: [*some] for value, some in found.items()} for name, found in counts.items() if found}
    return replace(
        record,
        row=record.row | columns | {"sites_revision": sites.revision},
        children=record.children | {"endpoint_sites": call.rows, "site_people": call.people()},
        counts=counted[:-1] + "," + orjson.dumps(more).decode()[1:] if more else counted,
    )


def _without_sites(counts: str) -> str:
    of_sites = {*OF_SITES, _UNMAPPED}
    return orjson.dumps({name: found for name, found in orjson.loads(counts).items() if name not in of_sites}).decode()


class _Found:
    """What the media of one call add up to."""

    def __init__(self, record: ParsedRecord, sites: SiteMap, stored: Stored | None) -> None:
        self._tenant_id = record.tenant_id
        self._day = record.row["ordered_at"].astimezone(UTC).date()
        self._places = sites.at(self._day)
        self._stored = stored
        self._sessions = {row[0]: row for row in record.children["sessions"]}
        self._segments = {row[:2]: row for row in record.children["segments"]}
        self._ends: dict[Row, tuple[End, End]] = {}
        self._streams: dict[Row, Streams] = {}
        for stream in record.children["streams"]:
            self._add(self._streams, stream[:3], ONE[stream[_QUALITY]])
        self._between: dict[tuple[Place, ...], Streams] = {}
        self._unmapped: dict[str, Streams] = {}
        self._affected: dict[tuple[str, str], None] = {}
        self.rows: list[Row] = []

    def add(self, media: Row) -> None:
        streams, position = self._streams.get(media[:3], NONE), media[:3]
        ends, places = self._ends_of(media[:2]), list[tuple[End, Place]]()
        for number, end in enumerate(ends):
            if not end.is_service:
                places.append((end, self._place(position, SIDES[number], _networks[number](media))))
        self._add(self._between, tuple([place for _, place in places]), streams)
        if streams.streams and (media[_LABEL] or "").lower().endswith("audio"):
            for subnet in {place.unmapped_subnet for end, place in places if self._is_own(end)}:
                if subnet:
                    self._add(self._unmapped, subnet, streams)
        if streams.poor:
            self._affected |= {(place.site, end.person): None for end, place in places if place.site and end.person}

    def counts(self) -> Counts:
        """The streams of each value; those without any value are under the empty text."""
        found: Counts = {dimension: {} for dimension in OF_SITES}
        for places, streams in self._between.items():
            for dimension, values in self._places.values(places):
                for value in values or ([""] if streams.streams else ()):
                    self._add(found[dimension], value[:LONGEST], streams)
        return found | {_UNMAPPED: self._unmapped}

    def people(self) -> list[Row]:
        """Who had poor streams at a site."""
        day = self._day.isoformat()
        return [(number, day, self._tenant_id, *one) for number, one in enumerate(self._affected)]

    def _place(self, position: Row, side: str, network: tuple[str | None, ...]) -> Place:
        if self._stored is None:
            place = self._places.place(network)
        else:
            place = end_network.place(Reported(*network), *self._stored.get((*position, side), (None, None)))
        match, name = place.match, place.name
        if match or name:
            known = match and (match.key, match.site or None, match.network_name, match.inside, match.vpn, match.method)
            self.rows.append((*position, side, *(known or (None,) * 6), name))
        return place

    def _ends_of(self, position: Row) -> tuple[End, End]:
        """Caller and callee of a segment; who that is says the session where the segment does not."""
        if (found := self._ends.get(position)) is None:
            segment, session = self._segments[position], self._sessions[position[0]]
            caller, callee = (_end(_of_segment[side](segment), _of_session[side](session)) for side in (0, 1))
            found = self._ends[position] = (caller, callee)
        return found

    def _is_own(self, end: End) -> bool:
        """Others would show the subnets of federated partners; a telephone has no tenant."""
        return end.tenant_id in ("", self._tenant_id)

    @staticmethod
    def _add(found: dict[Any, Streams], key: Any, streams: Streams) -> None:
        before = found.get(key)
        found[key] = streams if before is None else before.plus(streams)


def _end(segment: Row, session: Row) -> End:
    kind, an_id, address, tenant = segment
    if not (an_id or address):
        _, an_id, address, tenant = session
    return End(kind == "serviceEndpoint", identifiers.normal(an_id or address), ids.tenant_id(tenant) if tenant else "")
