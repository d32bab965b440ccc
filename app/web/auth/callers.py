"""Who may read: an API key or an Entra ID token, in `Authorization: Bearer` or `X-API-Key`."""

from datetime import UTC, datetime
from hmac import compare_digest
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.datastructures import Headers

from app.access import keys
from app.access.access_tokens import AccessTokens
from app.access.caller import Caller, Unauthenticated
from app.db import Database
from app.web.problems import Problem

__all__ = ["Admin", "Caller", "Keys", "Reader"]

_HOW = "Send a key as `Authorization: Bearer <key>` or `X-API-Key: <key>`."


class Keys:
    """What opens the read API: the setting's one key, those in the database, tokens; without any it stays shut."""

    def __init__(self, api_key: str | None, tokens: AccessTokens | None = None) -> None:
        self.static = keys.digest(api_key) if api_key else None
        self._tokens = tokens

    async def caller(self, database: Database, headers: Headers) -> Caller:
        """Whose the key or token is that came; Unauthenticated, MissingRole or LoginUnavailable.

        A key is looked up for each request, so that one revoked a moment ago opens nothing.
        """
        shown = shown_by(headers)
        if not shown:
            raise Unauthenticated("missing", _HOW)
        if self._tokens is not None and shown.count(".") == 2 and not self._is_static(shown):
            return await self._tokens.caller(shown)
        return await self.of_key(database, shown)

    async def of_key(self, database: Database, shown: str) -> Caller:
        """The same for a key alone: a token opens nothing here."""
        if self._is_static(shown):
            return Caller(keys.STATIC, "admin")
        if keys.looks_like_a_key(shown):
            async with database.reading() as db:
                return await keys.caller(db, shown, datetime.now(UTC))
        raise Unauthenticated("key", keys.NOT_VALID)

    def _is_static(self, shown: str) -> bool:
        return self.static is not None and compare_digest(keys.digest(shown), self.static)


def shown_by(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key")


_bearer = HTTPBearer(auto_error=False, description="An API key, or an Entra ID access token.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key.")
_InDocs = Annotated[Any, Security(_bearer)]
_OrInDocs = Annotated[Any, Security(_header)]


async def reader(request: Request, _: _InDocs = None, __: _OrInDocs = None) -> Caller:
    """The caller that access control admitted; a route without access control refuses every request."""
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise Problem(401, _HOW, headers={"WWW-Authenticate": "Bearer"})
    return caller


async def admin(caller: Annotated[Caller, Depends(reader)]) -> Caller:
    """A caller of scope admin; otherwise 403."""
    if caller.scope != "admin":
        raise Problem(403, "That key may only read; this needs one of scope admin.")
    return caller


Reader = Annotated[Caller, Depends(reader)]
Admin = Annotated[Caller, Depends(admin)]
