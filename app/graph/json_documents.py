"""From bytes to JSON, tolerant where Graph's text is legal JSON that a strict reader refuses, and exact in numbers."""

import json
from decimal import Decimal
from typing import Any

import orjson

# Every digit and point becomes a zero: a number that a double may not hold is then a long run of them, which is found
# in a fifth of the time that reading takes. Times, GUIDs and addresses have shorter runs.
_DIGITS = bytes(ord("0") if chr(byte) in "0123456789." else byte for byte in range(256))
_LONG = b"0" * 17
_LONGEST_EXACT = 17
_UINT64, _INT64 = (1 << 64) - 1, -(1 << 63)


class ExactFloat(float):
    """A number that no double holds: its nearest double, with `text` as it was written."""

    __slots__ = ("text",)
    text: str


def parsed(body: bytes | bytearray) -> Any:
    """The JSON value in `body`; ValueError if there is none.

    A number beyond 64 bits or with more digits than a double has is an ExactFloat.
    """
    if _LONG in body.translate(_DIGITS):
        return _exactly(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _exactly(body)


def _exactly(body: bytes | bytearray) -> Any:
    # Also for a display name cut in the middle of an emoji, which leaves half a surrogate pair: orjson refuses it.
    try:
        return json.loads(body, parse_int=_integer, parse_float=_float)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _integer(text: str) -> int | ExactFloat:
    if len(text) < _LONGEST_EXACT or _INT64 <= int(text) <= _UINT64:
        return int(text)
    return _exact(text)


def _float(text: str) -> float:
    value = float(text)
    is_exact = len(text) < _LONGEST_EXACT or Decimal(repr(value)) == Decimal(text)
    return value if is_exact and value - value == 0 else _exact(text)


def _exact(text: str) -> ExactFloat:
    value = ExactFloat(text)
    value.text = text
    return value
