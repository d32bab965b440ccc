"""What an Entra ID token proves: its claims, once its signature, tenant, issuer, audience and times are right.

https://learn.microsoft.com/entra/identity-platform/claims-validation
"""

from collections.abc import Iterable, Sequence
from typing import Any

from app import ids
from app.access.caller import Caller, MissingRole, Scope, Unauthenticated
from app.access.signing_keys import SigningKeys
from app.ids import TenantId

LEEWAY = 60  # seconds that clocks may differ
LARGEST = 16 * 1024  # bytes; Entra's own have 1 to 4 KiB
V1, V2 = "https://sts.windows.net/{tenant}/", "{login}/{tenant}/v2.0"

ROLES: dict[str, Scope] = {"CallRecords.Admin": "admin", "CallRecords.Read": "read"}  # the strongest first

_REQUIRED = ["exp", "nbf", "iat", "iss", "aud", "tid"]
# By the name of PyJWT's error. PyJWT costs 8 MB with its cryptography: it is imported for the first token.
_WRONG = {
    "ExpiredSignatureError": "it has expired",
    "ImmatureSignatureError": "it is not valid yet",
    "InvalidAudienceError": "it was issued for another audience",
    "InvalidIssuerError": "its issuer is not the login of its tenant",
    "InvalidSignatureError": "its signature is wrong",
    "MissingRequiredClaimError": "it lacks a claim",
}


class TokenVerifier:
    """``await proof.claims(text)`` for one login host, our tenants and our audiences."""

    def __init__(
        self,
        login: str,
        tenant_ids: Iterable[TenantId],
        audiences: Iterable[str],
        keys: SigningKeys,
        *,
        issuers: Sequence[str],
    ) -> None:
        self._login = login.rstrip("/")
        self._tenant_ids = frozenset(tenant_ids)
        self._audiences = list(audiences)
        self._keys = keys
        self._issuers = issuers

    async def claims(self, token: str) -> dict[str, Any]:
        """``tid`` is one of our tenants; Unauthenticated if it is invalid, LoginUnavailable without signing keys."""
        if len(token) > LARGEST:
            raise invalid_token("it is too long")
        kid, tenant_id = self._claimed(token)
        return self._proved(token, await self._keys.key(tenant_id, kid), tenant_id)

    def _claimed(self, token: str) -> tuple[str, TenantId]:
        """The key id and the tenant that it names; nothing is proved yet."""
        import jwt  # noqa: PLC0415 -- see _WRONG

        try:
            decoded = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise invalid_token("it is not well formed") from None
        header, tenant = decoded["header"], decoded["payload"].get("tid")
        if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
            raise invalid_token("it is not signed with RS256 by a named key")
        tenant_id = ids.tenant_id(tenant) if isinstance(tenant, str) else None
        if tenant_id not in self._tenant_ids:
            raise invalid_token("its tenant is not one of ours")
        return header["kid"], tenant_id

    def _proved(self, token: str, key: Any, tenant_id: TenantId) -> dict[str, Any]:
        import jwt  # noqa: PLC0415 -- see _WRONG

        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audiences,
                issuer=[issuer.format(login=self._login, tenant=tenant_id) for issuer in self._issuers],
                leeway=LEEWAY,
                options={"require": _REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise invalid_token(_WRONG.get(type(error).__name__, "a claim of it is wrong")) from None
        return claims


def by_role(name: str, claims: dict[str, Any]) -> Caller:
    """The caller with the strongest role of ours; MissingRole where the token holds none."""
    roles, tenants = claims.get("roles"), (ids.tenant_id(claims["tid"]),)
    for role, scope in ROLES.items():
        if isinstance(roles, list) and role in roles:
            return Caller(name, scope, tenants)
    detail = f"That token holds none of the app roles {' and '.join(sorted(ROLES))}; an administrator assigns them."
    raise MissingRole(name, tenants, detail)


def guid(claims: dict[str, Any], name: str) -> str | None:
    """That claim as an id; None where it is none."""
    value = claims.get(name)
    return ids.guid(value) if isinstance(value, str) else None


def invalid_token(why: str) -> Unauthenticated:
    return Unauthenticated("token", f"That token is not valid: {why}.")
