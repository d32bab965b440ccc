"""Entra ID access tokens: whom one proves, once its signature and every claim that matters are right.

https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import jwt

from app.access.caller import Caller, Powerless, Scope, Unknown
from app.access.signing import SigningKeys

LEEWAY = 60  # seconds that clocks may differ
LARGEST = 16 * 1024  # bytes; Entra's own have 1 to 4 KiB

ROLES: dict[str, Scope] = {"CallRecords.Admin": "admin", "CallRecords.Read": "read"}  # the strongest first

_REQUIRED = ["exp", "nbf", "iat", "iss", "aud", "tid"]
_WRONG: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidAudienceError: "it was issued for another audience",
    jwt.InvalidIssuerError: "its issuer is not the login of its tenant",
    jwt.InvalidSignatureError: "its signature is wrong",
    jwt.MissingRequiredClaimError: "it lacks a claim",
}


class Tokens:
    """``await tokens.caller(text)`` for one login host, our tenants and our audiences."""

    def __init__(self, login: str, tenant_ids: Iterable[str], audiences: Iterable[str], keys: SigningKeys) -> None:
        self._login = login.rstrip("/")
        self._tenant_ids = frozenset(tenant_ids)
        self._audiences = list(audiences)
        self._keys = keys

    async def caller(self, token: str) -> Caller:
        """Who shows it: it may read its own tenant's calls and no other's.

        Unknown where it proves nothing, Powerless where it holds no role of ours, LoginUnavailable where nobody
        can tell.
        """
        if len(token) > LARGEST:
            raise Unknown("token", "That token is not valid: it is too long.")
        kid, tenant_id = self._claimed(token)
        claims = self._proved(token, await self._keys.key(tenant_id, kid), tenant_id)
        return _caller(claims, tenant_id)

    def _claimed(self, token: str) -> tuple[str, str]:
        """The key id and the tenant that it names; nothing is proved yet."""
        try:
            whole = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _unknown("it is not well formed") from None
        header, tenant_id = whole["header"], whole["payload"].get("tid")
        if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
            raise _unknown("it is not signed with RS256 by a named key")
        if not isinstance(tenant_id, str) or tenant_id not in self._tenant_ids:
            raise _unknown("its tenant is not one of ours")
        return header["kid"], tenant_id

    def _proved(self, token: str, key: Any, tenant_id: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audiences,
                # v2 and v1 tokens; which of the two an application gets is a setting of its registration.
                issuer=[f"{self._login}/{tenant_id}/v2.0", f"https://sts.windows.net/{tenant_id}/"],
                leeway=LEEWAY,
                options={"require": _REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise _unknown(_WRONG.get(type(error), "a claim of it is wrong")) from None
        return claims


def _caller(claims: dict[str, Any], tenant_id: str) -> Caller:
    name, roles = _name(claims), claims.get("roles")
    for role, scope in ROLES.items():
        if isinstance(roles, list) and role in roles:
            return Caller(name, scope, (tenant_id,))
    detail = f"That token holds none of the app roles {' and '.join(sorted(ROLES))}; an administrator assigns them."
    raise Powerless(name, (tenant_id,), detail)


def _name(claims: dict[str, Any]) -> str:
    """The application's id; for a person who uses one, the person's object id.

    An id token names no application that asks: it tells an application who signed in, and opens nothing.
    """
    application = _guid(claims, "appid") or _guid(claims, "azp")
    if application is None:
        raise _unknown("it is no access token")
    is_person = "scp" in claims or claims.get("idtyp") == "user"
    return (_guid(claims, "oid") if is_person else None) or application


def _guid(claims: dict[str, Any], name: Literal["appid", "azp", "oid"]) -> str | None:
    try:
        return str(UUID(claims[name]))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _unknown(why: str) -> Unknown:
    return Unknown("token", f"That token is not valid: {why}.")
