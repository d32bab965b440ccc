"""Entra ID id tokens: who signed in to our pages, in answer to the question that we asked.

https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
"""

from collections.abc import Iterable
from hmac import compare_digest

from app.access.caller import Caller
from app.access.signing_keys import SigningKeys
from app.access.token_claims import V2, TokenVerifier, by_role, guid, invalid_token
from app.ids import TenantId


class IdTokens:
    """``await id_tokens.caller(text, nonce)`` for one login host, our tenants and our application."""

    def __init__(self, login: str, tenant_ids: Iterable[TenantId], client_id: str, keys: SigningKeys) -> None:
        self._verifier = TokenVerifier(login, tenant_ids, [client_id], keys, issuers=(V2,))

    async def caller(self, token: str, nonce: str) -> Caller:
        """The person, by object id, who may see their own tenant; the nonce is the one that was sent.

        Unauthenticated, MissingRole or LoginUnavailable as for access tokens.
        """
        claims = await self._verifier.claims(token)
        if not compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise invalid_token("it answers another sign-in")
        person = guid(claims, "oid")
        if person is None:
            raise invalid_token("it names no person")
        return by_role(person, claims)
