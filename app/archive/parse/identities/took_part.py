"""Who took part in a call: the union of all places in which a record names people, each with where it was seen. Pure.

Graph's participants_v2 is known to be incomplete (https://learn.microsoft.com/graph/known-issues), so organizer,
organizer_v2, participants, participants_v2 and both ends of every session and segment count alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any, NamedTuple

from app.archive.parse import convert
from app.archive.parse.identities import identity
from app.archive.parse.identities.identifiers import folded, normal, said
from app.archive.parse.identities.identity import NO_IDENTITY, Identity
from app.archive.parse.identities.person_keys import Person
from app.archive.parse.row import Row
from app.archive.schema import graph_types
from app.ids import TenantId


class SeenIn(IntFlag):
    """Where in the record a person was seen."""

    ORGANIZER = 1
    ORGANIZER_V2 = 2
    PARTICIPANTS = 4
    PARTICIPANTS_V2 = 8
    SESSIONS = 16
    SEGMENTS = 32

    def names(self) -> list[str]:
        """Graph's names of these places."""
        return [str(place.name).lower() for place in type(self) if place in self]


_ORGANIZERS = int(SeenIn.ORGANIZER | SeenIn.ORGANIZER_V2)

CONFERENCING_ID = "9e133cac-5238-4d1e-aaa0-d8ff4ca23f4e"  # stands under ``user`` in calls with audio conferencing
CONFERENCING, RESOURCE_ACCOUNT, SERVICE = "conferencing", "resourceAccount", "service"
OUR_KINDS = frozenset({CONFERENCING, RESOURCE_ACCOUNT, SERVICE})
"""Our kinds beside Graph's (user, phone, guest, …): what has a user's identity and is no person."""
NO_PEOPLE = {*OUR_KINDS, "device"}
PROGRAMS = ("application", "applicationinstance")
"""How the kinds of programs end, in lower case: no people either."""
_BESIDE = {"phone", "device"}  # beside a user in one identity set: one person with two identities
_ALWAYS_PEOPLE = {"phone", "guest"}  # a gateway stands in for a telephone, and is a service itself

# https://learn.microsoft.com/graph/api/resources/callrecords-serviceuseragent
_VOICE_APPS = {"skypeForBusinessCallQueues", "skypeForBusinessAutoAttendant"}
_VOICEMAIL = {"voicemail", "exchangeUnifiedMessagingService"}  # with the identity of the user whose voicemail it is

_CLIENT = "client"
_ENDPOINT = graph_types.columns(graph_types.ENDPOINT)
_WIDTH = len(_ENDPOINT)
_TYPE, _AGENT_TYPE, _ROLE = map(_ENDPOINT.index, ("type", "user_agent_type", "user_agent_role"))
_IDENTITY = slice(_ENDPOINT.index("identity_kind"), _ENDPOINT.index("identity_kind") + len(NO_IDENTITY))

Party = tuple[Identity, ...]
"""The identities of one identity set or one end; the first one says best who that is."""


_with = int.__or__
"""Adds places as plain integers: the operators of enum's flags would be a tenth of reading a record."""


class Entry(NamedTuple):
    """One person of a call, by one name and address. A person with two names in a call has two entries."""

    person: Person
    identity: Identity
    """As Graph wrote it; with our kind for what is no person."""
    is_organizer: bool
    seen_in: SeenIn


class Union(NamedTuple):
    """Everybody in a call."""

    entries: list[Entry]
    people: int
    """How many people these are, without services, resource accounts and applications."""


class Parties:
    """The parties of one part of a record, as its pages come: each once, with where it was seen."""

    def __init__(self) -> None:
        self._found: dict[tuple[Party, str | None], int] = {}

    def add(self, party: Iterable[Identity], place: SeenIn, agent: str | None = None) -> None:
        """``agent``: of an end, ``client`` or the role of a service."""
        key = tuple(party), agent
        if key[0]:
            self._found[key] = _with(self._found.get(key, 0), place)

    def add_participant(self, participant: dict[str, Any], identities: list[Identity], place: SeenIn) -> None:
        """One of participants_v2, or the organizer_v2; its own id is nearly always that of its identity."""
        self.add(_of_participant(participant, identities), place)

    def add_ends(self, part: dict[str, Any], ends: Row, place: SeenIn) -> None:
        """Caller and callee of a session or segment; ``ends`` are their columns, the caller's first."""
        for side, columns in (("caller", ends[:_WIDTH]), ("callee", ends[_WIDTH : 2 * _WIDTH])):
            _, an_id, name, address, _ = first = columns[_IDENTITY]
            if an_id or name or address:
                more = part[side].get("identity")  # the deprecated set may hold others besides
                self.add(identity.all_of_endpoint(part[side]) if more else (first,), place, _agent(columns))

    def items(self) -> Iterable[tuple[Party, str | None, int]]:
        """Each party with its agent, and where it was seen as the bits of SeenIn."""
        return ((party, agent, places) for (party, agent), places in self._found.items())


def is_person(kind: str | None) -> bool:
    """Whether an entry of this kind counts as one of those who took part."""
    return kind is None or not (kind in NO_PEOPLE or kind.lower().endswith(PROGRAMS))


def is_voice_app(kind: str | None) -> bool:
    """Whether an entry of this kind is an auto attendant or a call queue."""
    return kind is not None and (kind == RESOURCE_ACCOUNT or kind.lower().endswith("applicationinstance"))


def union(tenant_id: TenantId, *parts: Parties) -> Union:
    """Everybody in these parts of one record of this tenant; where names differ, those of the first part come first."""
    found = _Groups()
    for parties in parts:
        for party, agent, places in parties.items():
            main = _main(party) if len(party) > 1 else party[0]
            for one in party:
                found.add(one, agent, places, is_beside_another=one is not main and one[0] in _BESIDE)
    groups = found.groups()
    people = sum(is_person(group.kind()) and not group.is_beside_another for group in groups)
    return Union([entry for group in groups for entry in group.entries(tenant_id)], people)


@dataclass(slots=True)
class _Group:
    """All that a call says of one person."""

    identities: list[Identity] = field(default_factory=list)
    """Each once."""
    agents: set[str | None] = field(default_factory=set)
    places: int = 0
    """The bits of SeenIn."""
    is_beside_another: bool = False
    """Whether it stands beside another identity in a set: a user's telephone is not one person more."""

    def see(self, identity: Identity, agent: str | None, places: int, *, is_beside_another: bool) -> None:
        if identity not in self.identities:
            self.identities.append(identity)
        self.agents.add(agent)
        self.places = _with(self.places, places)
        self.is_beside_another |= is_beside_another

    def join(self, other: "_Group") -> None:
        self.identities += (one for one in other.identities if one not in self.identities)
        self.agents |= other.agents
        self.places = _with(self.places, other.places)
        self.is_beside_another |= other.is_beside_another

    def kind(self) -> str | None:
        """Graph's kind, or ours for what is no person."""
        given = next((one[0] for one in self.identities if one[0]), None)
        if normal(next((one[1] for one in self.identities if one[1]), None)) == CONFERENCING_ID:
            return CONFERENCING
        if given in _ALWAYS_PEOPLE:
            return given
        if self.agents & _VOICE_APPS:
            return RESOURCE_ACCOUNT
        services = self.agents - {None, _CLIENT} - _VOICEMAIL
        return SERVICE if services and _CLIENT not in self.agents and is_person(given) else given

    def entries(self, tenant_id: TenantId) -> Iterable[Entry]:
        """One with the first name and the first address, and one for each other name and address."""
        kind, seen_in = self.kind(), SeenIn(self.places)
        is_organizer = bool(self.places & _ORGANIZERS)
        if len(self.identities) == 1:  # nearly always
            _, an_id, name, address, tenant = self.identities[0]
            ids, pairs, tenants = [an_id], [(name, address)], [tenant]
        else:
            ids, names, addresses, tenants = (self._values(place) for place in range(1, 5))
            pairs = [(names[0], address) for address in addresses] + [(name, addresses[0]) for name in names[1:]]
        for name, address in pairs:
            person = Person(tenant_id, normal(ids[0]), normal(address), folded(name))
            yield Entry(person, (kind, ids[0], name, address, tenants[0]), is_organizer, seen_in)

    def _values(self, place: int) -> list[str | None]:
        """What the identities say there, each once however it is written; nothing but None where none says anything."""
        found: dict[str, str | None] = {}
        for one in self.identities:
            if value := one[place]:
                found.setdefault(folded(value), value)
        return list(found.values()) or [None]


class _Groups:
    """Identities by whose they are: by their ids, else by their addresses, else by their names."""

    def __init__(self) -> None:
        self._by_id: dict[str, _Group] = {}
        self._by_address: dict[str, _Group] = {}
        self._by_name: dict[str, _Group] = {}

    def add(self, one: Identity, agent: str | None, places: int, *, is_beside_another: bool) -> None:
        _, an_id, name, address, _ = one
        if an_id:
            groups, key = self._by_id, normal(an_id)
        elif address:
            groups, key = self._by_address, normal(address)
        else:
            groups, key = self._by_name, folded(name)
        if (group := groups.get(key)) is None:
            group = groups[key] = _Group()
        group.see(one, agent, places, is_beside_another=is_beside_another)

    def groups(self) -> Sequence[_Group]:
        """Those without an id join the first one that has one and the same address, or name."""
        found = [*self._by_id.values()]
        if not (self._by_address or self._by_name):
            return found
        for place, fold, others in ((3, normal, self._by_address), (2, folded, self._by_name)):
            known: dict[str, _Group] = {}
            for group in found:
                for one in group.identities:
                    if value := one[place]:
                        known.setdefault(fold(value), group)
            for key, group in others.items():
                if key in known:
                    known[key].join(group)
                else:
                    found.append(group)
        return found


def _main(party: Party) -> Identity:
    """Of a user with a telephone the user, of any other party the first."""
    return next((one for one in party if one[0] not in _BESIDE), party[0])


def _of_participant(participant: dict[str, Any], party: list[Identity]) -> list[Identity]:
    """Its identities; its own id where they have none."""
    if party and party[0][1]:
        return party
    alone = said(convert.text(participant.get("id")))
    if alone is None:
        return party
    kind, _, name, address, tenant = party[0] if party else NO_IDENTITY
    return [(kind, alone, name, address, tenant), *party[1:]]


def _agent(columns: Row) -> str | None:
    is_service = columns[_TYPE] == "serviceEndpoint" or columns[_AGENT_TYPE] == "serviceUserAgent"
    return (columns[_ROLE] or SERVICE) if is_service else _CLIENT
