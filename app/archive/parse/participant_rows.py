"""The organizer and the participants of a record as rows: version 2 of both, and the shapes before it."""

from collections.abc import Iterator
from typing import Any

from app.archive.parse import convert, identity
from app.archive.parse.row import Row, items, objects, reader
from app.archive.parse.took_part import Parties, SeenIn
from app.archive.schema import graph_types
from app.archive.schema.tables import ORGANIZER_POSITION

_unit = reader(graph_types.ADMINISTRATIVE_UNIT)


def organizer(record: dict[str, Any]) -> tuple[Row, list[Row]]:
    """The organizer's columns and administrative units: organizer_v2, else the deprecated organizer."""
    party = record.get("organizer_v2")
    if isinstance(party, dict):
        return _party(party), list(_units(ORGANIZER_POSITION, party))
    return _party_of_set(record.get("organizer")), []


def organizers(record: dict[str, Any]) -> Parties:
    """Both organizers, the deprecated one last."""
    found = Parties()
    if isinstance(party := record.get("organizer_v2"), dict):
        found.add_participant(party, SeenIn.ORGANIZER_V2)
    found.add(identity.all_of_set(record.get("organizer")), SeenIn.ORGANIZER)
    return found


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
                self.rows.append((position, *_party(party)))
                self.units.extend(_units(position, party))
                self.parties.add_participant(party, SeenIn.PARTICIPANTS_V2)
        self.seen += len(participants)

    def add_deprecated(self, identity_sets: list[Any]) -> None:
        """Of the shape before participants_v2: identity sets without an id of their own."""
        rows = enumerate(_party_of_set(identities) for identities in identity_sets)
        self.rows.extend((position, *row) for position, row in rows if any(row))


def _party(party: dict[str, Any]) -> Row:
    identities = party.get("identity")
    return (convert.text(party.get("id")), *identity.of_set(identities), _endpoint_kind(identities))


def _party_of_set(identities: Any) -> Row:
    """A deprecated identity set; its identity's id is what participants_v2 gives as the participant's."""
    found = identity.of_set(identities)
    return (found[1], *found, _endpoint_kind(identities))


def _endpoint_kind(identities: Any) -> str | None:
    return convert.text(identities.get("endpointType")) if isinstance(identities, dict) else None


def _units(position: int, party: dict[str, Any]) -> Iterator[Row]:
    return ((position, number, *_unit(unit)) for number, unit in objects(party.get("administrativeUnitInfos")))
