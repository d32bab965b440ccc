"""How people are compared when somebody looks for them: pure, the same for what is stored and for what is asked."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from app.archive.parse import convert
from app.archive.parse.row import Row
from app.archive.schema import graph_types

LONGEST = 200  # characters: three of these together still fit one entry of PostgreSQL's index (2,704 bytes)

_PARTICIPANT = ["participant_position", *graph_types.columns(graph_types.PARTICIPANT)]
_ORGANIZER = graph_types.columns(graph_types.ORGANIZER)
_PHONE = re.compile(r"\+[\d\s().-]{3,}")


class Person(NamedTuple):
    """One identity as it was in a call of this tenant; folded, and empty where not known."""

    tenant_id: str
    person_id: str
    user_principal_name: str
    name: str


def people(tenant_id: str, participants: Iterable[Row], organizer: Row) -> dict[Person, bool]:
    """Everybody in the rows of one call; True for the organizer."""
    found = dict.fromkeys((_person(tenant_id, _PARTICIPANT_PLACES, row) for row in participants), False)
    found[_person(tenant_id, _ORGANIZER_PLACES, organizer)] = True
    found.pop(Person(tenant_id, "", "", ""), None)
    return found


def asked(text: str) -> str:
    """What somebody typed, as it is to be compared; a telephone number without its blanks and dashes."""
    typed = (convert.text(text) or "").strip()
    return folded(re.sub(r"[\s().-]", "", typed) if _PHONE.fullmatch(typed) else typed)


@lru_cache(maxsize=4096)  # the same people meet again and again
def folded(text: str | None) -> str:
    """Without the differences of case and of composition, in any script; cut where no name goes on."""
    return normalize("NFKC", normalize("NFKC", text).casefold())[:LONGEST] if text else ""


def _places(columns: list[str], prefix: str, party_id: str) -> tuple[int, int, int, int]:
    names = ("id", "user_principal_name", "display_name")
    return (columns.index(party_id), *(columns.index(prefix + name) for name in names))  # type: ignore[return-value]


_PARTICIPANT_PLACES = _places(_PARTICIPANT, "identity_", "participant_id")
_ORGANIZER_PLACES = _places(_ORGANIZER, "organizer_identity_", "organizer_id")


def _person(tenant_id: str, places: tuple[int, int, int, int], row: Row) -> Person:
    party_id, identity_id, principal_name, name = places
    return Person(tenant_id, folded(row[identity_id] or row[party_id]), folded(row[principal_name]), folded(row[name]))
