"""The position where a page of calls ended, as a signed text that is valid for the same query only."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Tuple, literal, tuple_
from sqlalchemy.types import TypeEngine

from app.archive.queries.filters import Filters
from app.archive.schema.microseconds import microseconds, moment

Order = Literal["-start", "start"]

LONGEST = 100  # characters
_SIGNATURE = 16  # bytes
_WRONG = "take it from next_cursor of the page before, unchanged, and keep the other parameters but limit as they were"


class Place(NamedTuple):
    ordered_at: datetime
    key: int


class Cursors:
    """Writes and reads places as texts that only who has the secret can make."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, place: Place, order: Order, filters: Filters) -> str:
        body = f"{microseconds(place.ordered_at)},{place.key}".encode()
        return urlsafe_b64encode(self._sign(body, order, filters) + body).decode().rstrip("=")

    def read(self, cursor: str, order: Order, filters: Filters) -> Place:
        """The place; a ValueError with a text for the caller where we did not write it for this very question."""
        signed = _decoded(cursor)
        signature, body = signed[:_SIGNATURE], signed[_SIGNATURE:]
        if not compare_digest(signature, self._sign(body, order, filters)):
            raise ValueError(_WRONG)
        at, key = body.decode().split(",")
        return Place(moment(int(at)), int(key))

    def _sign(self, body: bytes, order: Order, filters: Filters) -> bytes:
        return digest(self._secret, _question(order, filters) + body, "sha256")[:_SIGNATURE]


def behind(
    order: Order, here: Tuple, *place: Any, types: Iterable[TypeEngine[Any] | None] = (None, None)
) -> ColumnElement[bool]:
    """Whether ``here`` comes after ``place`` in this order."""
    last = tuple_(*(literal(value, kind) for value, kind in zip(place, types, strict=True)))
    return here > last if order == "start" else here < last


def in_order(order: Order, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column if order == "start" else column.desc() for column in columns]


def _question(order: Order, filters: Filters) -> bytes:
    """The tenants one may see belong to it: a cursor of another caller leads nowhere."""
    given = {name: value for name, value in asdict(filters).items() if value is not None}
    asked = given | {"tenants": filters.visible(), "tenant_id": None}
    return sha256(orjson.dumps([order, asked], option=orjson.OPT_SORT_KEYS)).digest()


def _decoded(cursor: str) -> bytes:
    if len(cursor) > LONGEST:
        return b""
    try:
        return urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        return b""
