"""Who may read: the key in `Authorization: Bearer` or `X-API-Key`."""

from hashlib import sha256
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, Request

from app.access.caller import Caller
from app.web.problems import Problem

__all__ = ["Admin", "Caller", "Keys", "Reader"]


class Keys:
    """The keys that open the read API; without any, it stays shut."""

    def __init__(self, api_key: str | None) -> None:
        self._static = _digest(api_key) if api_key else None

    def caller(self, key: str) -> Caller | None:
        """Whose key that is, compared in constant time; None if nobody's."""
        if self._static is not None and compare_digest(_digest(key), self._static):
            return Caller("API_KEY", "admin")
        return None


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def reader(request: Request) -> Caller:
    """Any valid key; otherwise 401."""
    keys: Keys = request.app.state.context.keys
    key = _given(request)
    caller = keys.caller(key) if key else None
    if caller is None:
        detail = (
            "That key is not valid." if key else "Send a key as `Authorization: Bearer <key>` or `X-API-Key: <key>`."
        )
        raise Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
    return caller


def admin(request: Request) -> Caller:
    """A key of scope admin; otherwise 401 or 403."""
    caller = reader(request)
    if caller.scope != "admin":
        raise Problem(403, "That key may only read; this needs one of scope admin.")
    return caller


def _given(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-api-key")


Reader = Annotated[Caller, Depends(reader)]
Admin = Annotated[Caller, Depends(admin)]
