"""Who somebody is: the one identity that Graph's identity sets, old and new, hold under one of many keys."""

from typing import Any

from app.archive.parse import convert

# The most telling first, should a set ever hold two. Any other key counts after these, because the set is an
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

Identity = tuple[str | None, str | None, str | None, str | None, str | None]
"""kind, id, display_name, user_principal_name, tenant_id"""

NOBODY: Identity = (None, None, None, None, None)


def of_set(identities: Any) -> Identity:
    """The present identity of an identity set, with Graph's key as its kind."""
    if not isinstance(identities, dict):
        return NOBODY
    for key in PRECEDENCE:
        if isinstance(identities.get(key), dict):
            return _identity(key, identities[key])
    for key, value in identities.items():
        if isinstance(value, dict) and isinstance(key, str):
            return _identity(convert.text(key), value)
    return NOBODY


def of_endpoint(endpoint: dict[str, Any]) -> Identity:
    """The associatedIdentity; the identity set, deprecated since 2026, where it is missing.

    Of the two only the set says the kind: where it is gone, the kind is inferred.
    """
    by_set = of_set(endpoint.get("identity"))
    associated = endpoint.get("associatedIdentity")
    if not isinstance(associated, dict) or not (associated.get("id") or associated.get("displayName")):
        return by_set
    return _identity(by_set[0] or _inferred_kind(associated), associated)


def _inferred_kind(identity: dict[str, Any]) -> str | None:
    if (convert.text(identity.get("id")) or "").startswith("+"):  # a telephone party's id is its number
        return "phone"
    annotated = (convert.text(identity.get("@odata.type")) or "").endswith(".userIdentity")
    return "user" if annotated or identity.get("userPrincipalName") else None


def _identity(kind: str | None, identity: dict[str, Any]) -> Identity:
    get, text = identity.get, convert.text
    return (
        kind,
        text(get("id")),
        text(get("displayName")),
        text(get("userPrincipalName")),
        text(get("tenantId")),
    )
