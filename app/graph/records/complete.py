"""Whether one answer has a complete record, and what the links to further pages are called. Pure."""

from collections.abc import Iterable
from typing import Any

from app import ids

_LINK = (b"nextLink", b"NextLink")


def may_have_links(raw: bytes) -> bool:
    """Whether these bytes of JSON name a link to a further page, unless with an escape; without parsing them."""
    return any(name in raw for name in _LINK)


def is_complete(document: Any, call_id: str) -> bool:
    """Whether this is the record with this id, with both its relations, and none of its lists continues."""
    if not isinstance(document, dict) or not ids.is_same(str(document.get("id")), call_id):
        return False
    sessions, participants = document.get("sessions"), document.get("participants_v2")
    if not isinstance(sessions, list) or not isinstance(participants, list):
        return False
    if any(_continues(document, name) for name in ("sessions", "participants_v2")):
        return False
    return not any(_continues(session, "segments") for session in sessions if isinstance(session, dict))


def next_link_names(name: str) -> Iterable[str]:
    """The names that a relation's link to its next page has; some services of Graph write it in capitals."""
    return f"{name}@odata.nextLink", f"{name}@odata.NextLink"


def _continues(entity: dict[str, Any], name: str) -> bool:
    return any(entity.get(link) for link in next_link_names(name))
