"""Where a page ended, signed: a token serves only the request that it was made for, and a caller cannot forge one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any

import orjson

from app.web.graph_api.odata.tokens import LONGEST, RefusedError

_SIGNATURE = 16  # bytes


@dataclass(frozen=True, slots=True)
class Skiptokens:
    """Signs with a secret that all replicas share, so that any of them can serve the next page."""

    secret: bytes

    def write(self, place: list[Any], bound: list[Any]) -> str:
        """``bound`` is what must be the same again: the resource, the filter, the tenants."""
        body = orjson.dumps(place)
        return urlsafe_b64encode(self._sign(body, bound) + body).decode().rstrip("=")

    def read(self, token: str, bound: list[Any]) -> list[Any]:
        """The place; RefusedError for a token that was not made here for this."""
        signed = _decoded(token)
        body = signed[_SIGNATURE:]
        if not compare_digest(signed[:_SIGNATURE], self._sign(body, bound)):
            raise RefusedError("$skiptoken is not one that was given out for this request; begin at the first page.")
        place: list[Any] = orjson.loads(body)
        return place

    def _sign(self, body: bytes, bound: list[Any]) -> bytes:
        return digest(self.secret, sha256(orjson.dumps(bound)).digest() + body, "sha256")[:_SIGNATURE]


def _decoded(token: str) -> bytes:
    if len(token) > LONGEST:
        return b""
    try:
        return urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return b""
