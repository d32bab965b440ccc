"""Reads what Microsoft Graph writes: JSON text, and in it times, numbers and booleans. Pure.

Both the client of Graph and the archive use this module, so that they can never disagree about a value.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
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

# With every digit and point replaced by a zero, a number that a double may not represent is a long run of zeros.
# Finding one takes a fifth of the time of parsing. Times, GUIDs and addresses have shorter runs.
_DIGITS = bytes(ord("0") if chr(byte) in "0123456789." else byte for byte in range(256))
_LONG = b"0" * 17
_BEFORE_A_NUMBER = frozenset((b"", b":", b"[", b",", b" ", b"\t", b"\r", b"\n"))
_REST_OF_NUMBER = re.compile(rb"[0-9.]*(?:[eE][+-]?[0-9]+)?")
_PIECE = 1 << 20  # bytes

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)

# ISO 8601 writes midnight at the end of a day as 24:00:00, and a leap second as second 60: Python 3.11 refuses both.
_MIDNIGHT = re.compile(r"T24(?=:?00(?::?00(?:[.,]0+)?)?(?:Z|[+-].*)?$)")
_LEAP_SECOND = re.compile(r"(?<=T\d\d:\d\d:)60|(?<=T\d{4})60", re.ASCII)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class ExactFloat(float):
    """A number that no double can represent: the nearest double, with `text` as the number was written."""

    __slots__ = ("text",)
    text: str


def parsed(text: bytes | bytearray) -> Any:
    """The JSON value; ValueError if there is none.

    An integer beyond 64 bits, or a number with more digits than a double has, is an ExactFloat.
    """
    if all(map(_is_exact, _long_numbers(text))):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
    return _parsed_exactly(text)


def _long_numbers(text: bytes | bytearray) -> Iterator[bytes]:
    """The numbers with more digits than a double surely has; what stands in a JSON string is nearly always left out.

    Piece by piece, because the translation of a large document takes as much memory as the document.
    """
    end = 0
    for begin in range(0, len(text), _PIECE):
        zeros = text[begin : begin + _PIECE + len(_LONG) - 1].translate(_DIGITS)
        while (found := zeros.find(_LONG, max(end - begin, 0))) >= 0:
            start = begin + found
            end = _REST_OF_NUMBER.match(text, start).end()  # type: ignore[union-attr]  # it matches any text
            least = max(start - LONGEST, 0)
            while start > least and text[start - 1] in b"-+eE.0123456789":
                start -= 1
            if bytes(text[max(start - 1, 0) : start]) in _BEFORE_A_NUMBER:
                yield bytes(text[start:end])


def _is_exact(number: bytes) -> bool:
    """Whether orjson reads it without a loss. Graph's floats are the shortest form of a double, which is exact."""
    try:
        if number.lstrip(b"-").isdigit():
            return -INT64 <= int(number) < 2 * INT64
        value = float(number)
        return orjson.dumps(value) == number or Decimal(repr(value)) == Decimal(number.decode())
    except (ValueError, ArithmeticError):
        return False


def _parsed_exactly(text: bytes | bytearray) -> Any:
    # Also for a display name that was cut in the middle of an emoji, which leaves half a surrogate pair: that is JSON,
    # but orjson refuses it.
    try:
        return json.loads(text, parse_int=_exact_integer, parse_float=_exact_float)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _exact_integer(text: str) -> int | ExactFloat:
    value = int(text)
    return value if -INT64 <= value < 2 * INT64 else exact_number(text)


def _exact_float(text: str) -> float:
    value = float(text)
    is_exact = len(text) < len(_LONG) or Decimal(repr(value)) == Decimal(text)
    return value if is_exact and isfinite(value) else exact_number(text)


def exact_number(text: str) -> ExactFloat:
    """A number with the text that it was written with."""
    value = ExactFloat(text)
    value.text = text
    return value


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
    if type(value) is float:  # an ExactFloat is no integer of 64 bits
        value = int(value) if value.is_integer() else None
    return value if type(value) is int and -INT64 <= value < INT64 else None


def number(value: Any) -> float | None:
    """A finite float, also where it is written as text; "NaN" and "INF" are no measurement."""
    if type(value) is float and isfinite(value):
        return value
    if isinstance(value, str):
        value = float(value) if len(value) <= LONGEST and _NUMBER.fullmatch(value) else None
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
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
