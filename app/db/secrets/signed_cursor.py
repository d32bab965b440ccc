"""Positions in a list as signed text: a cursor is valid only for the query that it was written for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any

import orjson

LONGEST = 4000  # characters of a cursor
_SIGNATURE = 16  # bytes


class InvalidCursorError(ValueError):
    """The cursor was not written with this secret for this query."""


@dataclass(frozen=True, slots=True)
class SignedCursors:
    """Signs with a secret that all processes of a database share, so that each of them can serve the next page."""

    secret: bytes

    def write(self, position: list[Any], query: list[Any]) -> str:
        """``query`` must be equal when the cursor is read: the list, its filters, the tenants. Both become JSON."""
        body = orjson.dumps(position)
        return urlsafe_b64encode(self._sign(body, query) + body).decode().rstrip("=")

    def read(self, cursor: str, query: list[Any]) -> list[Any]:
        """The position; InvalidCursorError for any text that ``write`` did not return for this query."""
        signed = _decoded(cursor)
        signature, body = signed[:_SIGNATURE], signed[_SIGNATURE:]
        if not compare_digest(signature, self._sign(body, query)):
            raise InvalidCursorError
        position: list[Any] = orjson.loads(body)
        return position

    def _sign(self, body: bytes, query: list[Any]) -> bytes:
        asked = sha256(orjson.dumps(query, option=orjson.OPT_SORT_KEYS)).digest()
        return digest(self.secret, asked + body, "sha256")[:_SIGNATURE]


def _decoded(cursor: str) -> bytes:
    if len(cursor) > LONGEST:
        return b""
    try:
        return urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        return b""
