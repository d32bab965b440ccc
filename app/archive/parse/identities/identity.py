"""Reads the identities that Graph's identity sets and endpoints hold, old shapes and new ones. Pure."""

from typing import Any

from app.archive.parse import convert
from app.archive.parse.identities import identifiers

# The most specific first, if a set contains several. Any other key counts after these, because the set is an
# open type: https://learn.microsoft.com/graph/api/resources/communicationsidentityset
PRECEDENCE = (
    "user",
    "phone",
    "guest",
    "applicationInstance",
    "application",
    "azureCommunicationServicesUser",
    "acsUser",
    "onPremises",
    "encrypted",
    "assertedIdentity",
    "device",
)

_RANKS = {key: rank for rank, key in enumerate(PRECEDENCE)}

Identity = tuple[str | None, str | None, str | None, str | None, str | None]
"""kind, id, display_name, user_principal_name, tenant_id"""

NO_IDENTITY: Identity = (None, None, None, None, None)


def of_set(identities: Any) -> Identity:
    """The first identity of a set that says something, with Graph's key as its kind."""
    return first(all_of_set(identities), identities)


def first(found: list[Identity], identities: Any) -> Identity:
    """The first of those that were found in a set, else what the set says without naming anybody."""
    return found[0] if found else _without_content(identities)


def all_of_set(identities: Any) -> list[Identity]:
    """Every identity of a set that has an id, a name or an address."""
    if not isinstance(identities, dict):
        return []
    members = [(key, value) for key, value in identities.items() if isinstance(value, dict)]
    if len(members) > 1:
        members.sort(key=_precedence)
    found = [_identity(key if key in _RANKS else convert.text(key), value) for key, value in members]
    return [identity for identity in found if _says_something(identity)]


def of_endpoint(endpoint: dict[str, Any]) -> Identity:
    """The first identity of an end; its associatedIdentity where it has one."""
    return first(all_of_endpoint(endpoint), endpoint.get("identity"))


def all_of_endpoint(endpoint: dict[str, Any]) -> list[Identity]:
    """The associatedIdentity and those of the identity set, which is deprecated since 2026, each person once.

    Of the two only the set says the kind: where the set is missing, the kind is inferred.
    """
    by_set = all_of_set(endpoint.get("identity"))
    associated = endpoint.get("associatedIdentity")
    if not isinstance(associated, dict):
        return by_set
    own = _identity(None, associated)
    if not _says_something(own):
        return by_set
    if not by_set:
        return [(_inferred_kind(associated, own), *own[1:])]
    twin = next((identity for identity in by_set if _are_same(own, identity)), None)
    kind = twin[0] if twin else _kind_beside(by_set, own)
    own = (kind or _inferred_kind(associated, own), *own[1:])
    return [_merged(own, twin or NO_IDENTITY), *(identity for identity in by_set if identity is not twin)]


def _kind_beside(by_set: list[Identity], own: Identity) -> str | None:
    """The kind that the set gives, unless it is of a user and this is a telephone."""
    return by_set[0][0] if identifiers.kind(own[1] or "") != "phone" else None


def _are_same(one: Identity, other: Identity) -> bool:
    """Whether they are one person, as far as they say; what says nothing to compare by is the same."""
    pairs = ((one[1], other[1]), (one[3], other[3]), (one[2], other[2]))
    for left, right in pairs:
        if left and right:
            return identifiers.normal(left) == identifiers.normal(right)
    return True


def _merged(identity: Identity, other: Identity) -> Identity:
    """The identity, with what only the other one says."""
    kind, an_id, name, address, tenant = (left or right for left, right in zip(identity, other, strict=True))
    return kind, an_id, name, address, tenant


def _precedence(member: tuple[str, Any]) -> int:
    return _RANKS.get(member[0], len(_RANKS))


def _says_something(identity: Identity) -> bool:
    return bool(identity[1] or identity[2] or identity[3])


def _without_content(identities: Any) -> Identity:
    """What is known of a set without any id, name or address: perhaps a kind and a tenant."""
    if isinstance(identities, dict):
        for key in (*PRECEDENCE, *identities):
            if isinstance(identities.get(key), dict):
                return _identity(convert.text(key), identities[key])
    return NO_IDENTITY


def _inferred_kind(associated: dict[str, Any], identity: Identity) -> str | None:
    """By Graph's type, by the way the id is written, else a user where there is an address."""
    annotation = (convert.text(associated.get("@odata.type")) or "").rpartition(".")[2]
    word = annotation.removeprefix("communications").removesuffix("Identity")
    if word and word not in {"identity", annotation}:
        return word[0].lower() + word[1:]
    if identity[1] and (kind := identifiers.kind(identity[1])):
        return "user" if kind == "guest" and identity[3] else kind
    return "user" if identity[3] else None


def _identity(kind: str | None, identity: dict[str, Any]) -> Identity:
    get = identity.get
    return (
        kind,
        _text(get("id")),
        _text(get("displayName")),
        _text(get("userPrincipalName")),
        _text(get("tenantId")),
    )


def _text(value: Any) -> str | None:
    """Graph and programs before it write "None" and empty texts for what they do not know."""
    return None if value is None else identifiers.said(convert.text(value))
