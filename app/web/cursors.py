"""Keyset cursors: where a page ended, as an opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import orjson

from app.web.problems import Problem

Key = tuple[datetime, str, str]

_WRONG = Problem(422, "cursor: take it from next_cursor of the page before, unchanged.")


def write(key: Key) -> str:
    """The text for the next page behind this key."""
    moment, *rest = key
    return urlsafe_b64encode(orjson.dumps([moment.isoformat(), *rest])).decode().rstrip("=")


def read(cursor: str | None) -> Key | None:
    """The key it was made from; a 422 problem if it was not made here."""
    if cursor is None:
        return None
    try:
        moment, tenant_id, call_id = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at = datetime.fromisoformat(moment).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise _WRONG from None
    if not all(isinstance(part, str) and "\0" not in part for part in (tenant_id, call_id)):
        raise _WRONG
    return at, tenant_id, call_id
