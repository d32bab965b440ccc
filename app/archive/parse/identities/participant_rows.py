"""The organizer and the participants of a record as rows: version 2 of both, and the shapes before it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from app.archive.parse import convert
from app.archive.parse.identities import identity
from app.archive.parse.identities.identity import Identity
from app.archive.parse.identities.took_part import Parties, SeenIn
from app.archive.parse.row import Row, items, objects, reader
from app.archive.schema import graph_types

_unit = reader(graph_types.ADMINISTRATIVE_UNIT)


class Organizer(NamedTuple):
    columns: Row
    units: list[Row]
    """Administrative units."""
    parties: Parties


def organizer(record: dict[str, Any]) -> Organizer:
    """By organizer_v2, else by the deprecated organizer; the parties are of both, the deprecated one last."""
    parties, old = Parties(), record.get("organizer")
    party, old_identities = record.get("organizer_v2"), identity.all_of_set(old)
    if isinstance(party, dict):
        identities = identity.all_of_set(party.get("identity"))
        parties.add_participant(party, identities, SeenIn.ORGANIZER_V2)
        columns, units = _party(party, identities), list(_units(graph_types.ORGANIZER_POSITION, party))
    else:
        columns, units = _party_of_set(old), []
    parties.add(old_identities, SeenIn.ORGANIZER)
    return Organizer(columns, units, parties)


def deprecated(record: dict[str, Any]) -> Parties:
    """The participants of the shape before participants_v2, which Graph still sends beside it."""
    found = Parties()
    for identities in items(record.get("participants")):
        found.add(identity.all_of_set(identities), SeenIn.PARTICIPANTS)
    return found


class Participants:
    """The rows of a record's participants, as their pages come."""

    def __init__(self) -> None:
        self.seen = 0  # items on Graph's pages, objects or not: the next one's position
        self.rows: list[Row] = []
        self.units: list[Row] = []
        self.parties = Parties()

    def add(self, participants: list[Any]) -> None:
        for position, party in enumerate(participants, self.seen):
            if isinstance(party, dict):
                identities = identity.all_of_set(party.get("identity"))
                self.rows.append((position, *_party(party, identities)))
                self.units.extend(_units(position, party))
                self.parties.add_participant(party, identities, SeenIn.PARTICIPANTS_V2)
        self.seen += len(participants)

    def add_deprecated(self, identity_sets: list[Any]) -> None:
        """Of the shape before participants_v2: identity sets without an id of their own."""
        rows = enumerate(_party_of_set(identities) for identities in identity_sets)
        self.rows.extend((position, *row) for position, row in rows if any(row))


def _party(party: dict[str, Any], identities: list[Identity]) -> Row:
    its_set = party.get("identity")
    return (convert.text(party.get("id")), *identity.first(identities, its_set), _endpoint_kind(its_set))


def _party_of_set(identities: Any) -> Row:
    """A deprecated identity set; its identity's id is what participants_v2 gives as the participant's."""
    found = identity.of_set(identities)
    return (found[1], *found, _endpoint_kind(identities))


def _endpoint_kind(identities: Any) -> str | None:
    return convert.text(identities.get("endpointType")) if isinstance(identities, dict) else None


def _units(position: int, party: dict[str, Any]) -> Iterator[Row]:
    return ((position, number, *_unit(unit)) for number, unit in objects(party.get("administrativeUnitInfos")))
