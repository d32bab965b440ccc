"""Reads what Microsoft Graph writes: JSON text, and in it times, numbers and booleans. Pure.

Both the client of Graph and the archive use this module, so that they can never disagree about a value.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

INT64 = 1 << 63
LONGEST = 64  # characters of a time or a number: far more than Graph writes

# Graph writes the first or the last moment that a serializer knows for "unknown": 0001-01-01 and 9999-12-31 (.NET),
# 1601, 1753, 1900 and 1970 (Windows, SQL Server, Unix), 2106 and 2262 (32 bits of seconds, 64 bits of nanoseconds).
# No call record can come from before or after this century.
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
AFTER_LAST = datetime(2100, 1, 1, tzinfo=UTC)

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)

# ISO 8601 writes midnight at the end of a day as 24:00:00, and a leap second as second 60: Python 3.11 refuses both.
_MIDNIGHT = re.compile(r"T24(?=:?00(?::?00(?:[.,]0+)?)?(?:Z|[+-].*)?$)")
_LEAP_SECOND = re.compile(r"(?<=T\d\d:\d\d:)60|(?<=T\d{4})60", re.ASCII)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def parsed(text: bytes | bytearray) -> Any:
    """The JSON value; ValueError if there is none.

    A display name that was cut in the middle of an emoji leaves half a surrogate pair: that is JSON, but orjson
    refuses it.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def moment(value: Any) -> datetime | None:
    """A time in UTC to the microsecond; None for anything else, and for the times that stand for "unknown".

    Graph's seventh digit of a second is cut; a time without an offset is taken as UTC.
    """
    return _moment(value) if isinstance(value, str) and len(value) <= LONGEST else None


@lru_cache(maxsize=4096)  # the parts of a call repeat its times
def _moment(value: str) -> datetime | None:
    text = value.upper()
    if "T" not in text:
        return None
    text, days = _MIDNIGHT.subn("T00", text)
    text, seconds = _LEAP_SECOND.subn("59", text)
    try:
        parsed = datetime.fromisoformat(text)
        at = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        at += days * _DAY + seconds * _SECOND
    except (ValueError, OverflowError):
        return None
    return at if FIRST <= at < AFTER_LAST else None


def integer(value: Any) -> int | None:
    """An integer of 64 bits, whether it is written 6000, 6000.0, 6e3 or "6000"; None for anything else.

    OData allows int64 as text (IEEE754Compatible), and serializers write integers as floats.
    https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ControllingtheRepresentationofNumber
    """
    if isinstance(value, str):
        value = _written_integer(value)
    if type(value) is float:
        value = int(value) if value.is_integer() else None
    return value if type(value) is int and -INT64 <= value < INT64 else None


def number(value: Any) -> float | None:
    """A finite float, also where it is written as text; "NaN" and "INF" are no measurement."""
    if isinstance(value, str):
        value = float(value) if len(value) <= LONGEST and _NUMBER.fullmatch(value) else None
    if type(value) is float:
        return value if isfinite(value) else None
    return float(value) if type(value) is int and -INT64 <= value < INT64 else None


def boolean(value: Any) -> bool | None:
    """A boolean, also where it is written as the text "true" or "False"; None for anything else."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _written_integer(text: str) -> int | float | None:
    """Digits alone are read exactly: a float would round what has more than 53 bits."""
    if len(text) > LONGEST:
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else None
