"""Entra ID access tokens: whom one proves.

https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

from collections.abc import Iterable
from typing import Any

from app.access.caller import Caller
from app.access.signing_keys import SigningKeys
from app.access.token_claims import V1, V2, TokenVerifier, by_role, guid, invalid_token
from app.ids import TenantId


class AccessTokens:
    """``await tokens.caller(text)`` for one login host, our tenants and our audiences."""

    def __init__(self, login: str, tenant_ids: Iterable[TenantId], audiences: Iterable[str], keys: SigningKeys) -> None:
        # v2 and v1 tokens; which of the two an application gets is a setting of its registration.
        self._verifier = TokenVerifier(login, tenant_ids, audiences, keys, issuers=(V2, V1))

    async def caller(self, token: str) -> Caller:
        """The caller that the token proves; it may read only the calls of its own tenant.

        Unauthenticated if the token is invalid, MissingRole if it has none of our roles, LoginUnavailable if
        the keys cannot be fetched.
        """
        claims = await self._verifier.claims(token)
        return by_role(_name(claims), claims)


def _name(claims: dict[str, Any]) -> str:
    """The application's id; for a person who uses one, the person's object id.

    An id token names no requesting application: it says who signed in, and gives no access.
    """
    application = guid(claims, "appid") or guid(claims, "azp")
    if application is None:
        raise invalid_token("it is no access token")
    is_person = "scp" in claims or claims.get("idtyp") == "user"
    return (guid(claims, "oid") if is_person else None) or application
