"""The login host's published keys: fetched when needed, cached, and fetched again when they are replaced.

https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
"""

import asyncio
import ssl
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from time import monotonic
from typing import Any

import certifi
import orjson

from app.access.caller import LoginUnavailable, Unauthenticated
from app.ids import TenantId
from app.observability import log

REFETCH_AFTER = 30.0  # seconds between two fetches for one tenant, whatever key ids are shown to us
EXPIRES_AFTER = 24 * 3600.0  # seconds after which a key that was withdrawn is forgotten here too
_TIMEOUT = 5.0
_LARGEST = 1024 * 1024

_log = log.get(__name__)


class SigningKeys:
    """``await keys.key(tenant, kid)``: public keys by tenant and key id."""

    def __init__(self, login: str, ca_file: Path | None, *, clock: Callable[[], float] = monotonic) -> None:
        self._login = login.rstrip("/")
        self._ca_file = ca_file
        self._clock = clock
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def key(self, tenant_id: TenantId, kid: str) -> Any:
        """The RSA key with this id; Unauthenticated if there is none, LoginUnavailable if the keys cannot be fetched.

        The tenant must be one of ours, because the caller is not authenticated yet.
        """
        if not self._current(tenant_id, kid):
            async with self._turns[tenant_id]:
                if not self._current(tenant_id, kid) and self._may_ask(tenant_id):
                    await self._refresh(tenant_id)
        if tenant_id not in self._keys:
            raise LoginUnavailable(f"the keys of {self._login} could not be fetched")
        if kid not in self._keys[tenant_id]:
            raise Unauthenticated("token", "That token is signed with a key that the login host does not publish.")
        return self._keys[tenant_id][kid]

    def _current(self, tenant_id: TenantId, kid: str) -> bool:
        known = kid in self._keys.get(tenant_id, ())
        return known and self._clock() - self._fetched[tenant_id] < EXPIRES_AFTER

    def _may_ask(self, tenant_id: TenantId) -> bool:
        return self._clock() - self._asked.get(tenant_id, float("-inf")) >= REFETCH_AFTER

    async def _refresh(self, tenant_id: TenantId) -> None:
        """Replaces the keys by newly fetched ones; the old ones stay if the fetch fails."""
        self._asked[tenant_id] = self._clock()
        try:
            found = await asyncio.to_thread(_fetch, f"{self._login}/{tenant_id}/discovery/v2.0/keys", self._ca_file)
        except (OSError, HTTPException, ValueError) as error:
            _log.warning("signing_keys_not_fetched", tenant_id=tenant_id, error=type(error).__name__)
            return
        self._keys[tenant_id], self._fetched[tenant_id] = found, self._clock()


def _fetch(url: str, ca_file: Path | None) -> dict[str, Any]:
    """By key id, in a thread; OSError, HTTPException or ValueError where that fails."""
    context = ssl.create_default_context(cafile=str(ca_file or certifi.where()))
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect)
    with opener.open(url, timeout=_TIMEOUT) as answer:  # settings allow plain http only for a loopback host
        return _usable(orjson.loads(answer.read(_LARGEST)))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _usable(document: Any) -> dict[str, Any]:
    """The RSA keys for signatures; a key of another kind is none of ours."""
    listed = document.get("keys") if isinstance(document, dict) else None
    keys = {key["kid"]: _public(key) for key in listed or () if _is_ours(key)}
    if not keys:
        raise ValueError("the login host publishes no RSA key")
    return keys


def _is_ours(key: Any) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") == "RSA"
        and key.get("use", "sig") == "sig"
        and key.get("alg", "RS256") == "RS256"
        and isinstance(key.get("kid"), str)
    )


def _public(key: dict[str, Any]) -> Any:
    import jwt  # noqa: PLC0415 -- it costs 8 MB, and many services are never shown a token

    try:
        return jwt.PyJWK({"kty": "RSA", "n": key["n"], "e": key["e"]}, algorithm="RS256").key
    except (KeyError, jwt.PyJWTError) as error:
        raise ValueError("the login host publishes a key that is none") from error
