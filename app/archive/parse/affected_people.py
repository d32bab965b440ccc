"""How many people of a call had a poor stream, by the ends of its poor sessions. Pure."""

from collections.abc import Iterable
from operator import itemgetter

from app.archive.parse.identities import identifiers
from app.archive.parse.row import Row
from app.archive.schema import graph_types

_COLUMNS = ("session_position", *graph_types.columns(graph_types.SESSION))
_NAMES = ("type", "identity_id", "identity_user_principal_name", "identity_display_name")
_ENDS = [itemgetter(*(_COLUMNS.index(f"{side}_{name}") for name in _NAMES)) for side in ("caller", "callee")]
_QUALITY = _COLUMNS.index("quality")


def count(sessions: Iterable[Row]) -> int:
    """Services are no people, and neither is an end without any identity."""
    found = {_key(row, *end(row)) for row in sessions if row[_QUALITY] == "poor" for end in _ENDS}
    return len(found - {""})


def _key(session: Row, kind: str | None, an_id: str | None, address: str | None, name: str | None) -> str:
    """One for each person, in whatever form Graph writes the id; empty for what is no person."""
    if kind == "serviceEndpoint" or not (an_id or address or name):
        return ""
    return identifiers.normal(an_id or address) or f"session {session[0]}"
