"""The name under which an identity is shown. Pure."""

from collections.abc import Mapping
from typing import Any

from app.archive.parse.identities import identifiers


def shown_name(identity: Mapping[str, Any] | None) -> str:
    """The display name of an identity, else its address, else "Guest", its number or its id."""
    known = identity or {}
    name = identifiers.said(known.get("display_name")) or identifiers.said(known.get("user_principal_name"))
    if name:
        return name
    if known.get("kind") == "guest":
        return "Guest"
    written = identifiers.said(known.get("id"))
    number = identifiers.number(written) if written and known.get("kind") == "phone" else None
    return number or written or "unknown"
