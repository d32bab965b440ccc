"""How people are compared in a search: pure, the same for stored values and for the search text."""

import re
from typing import NamedTuple

from app.archive.parse import convert
from app.archive.parse.identities import identifiers
from app.ids import TenantId

_PREFIXED = re.compile(r"[0-9]+:.+")


class Person(NamedTuple):
    """One identity as it was in a call of this tenant, as it is compared: normal forms and a folded name.

    A part that is not known is empty.
    """

    tenant_id: TenantId
    person_id: str
    user_principal_name: str
    name: str


class Asked(NamedTuple):
    """A search text: an id, a number or an address, a prefix of numbers, or a part of a name."""

    normal: str
    name: str
    number_prefix: str | None
    is_id: bool
    """Whether it can only be an id or a number, and no part of a name."""


def asked(text: str) -> Asked:
    """The question, in the forms in which people are compared."""
    typed = (convert.text(text) or "").strip()
    normal = identifiers.normal(typed)
    is_id = bool(identifiers.guid(normal) or identifiers.number(normal) or _PREFIXED.fullmatch(normal))
    return Asked(normal, identifiers.folded(typed), identifiers.number_prefix(typed), is_id)
