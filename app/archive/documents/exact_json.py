"""JSON read and written without changing a number: Graph's digits may be more than a double or 64 bits hold. Pure."""

import json
import re
from typing import Any

import orjson

from app.wire import ExactFloat, exact_number

# Numbers that orjson would write differently than it read them: more than 15 digits, an exponent, a 0 at the end
# of the decimals, or a negative 0. The same characters within a text only make reading slower.
_MAY_CHANGE = re.compile(
    rb"[:\[,]\s*(?:-0\s*[,}\]]|-?(?:[0-9][0-9.]{15,}|[0-9]+(?:\.[0-9]+)?[eE]|[0-9]+\.[0-9]+0\s*[,}\]]))"
)
_MOST_DIGITS = 18  # of an integer that surely has 64 bits


def loads(text: bytes) -> Any:
    """The value; an ``ExactFloat`` instead of each number that would not be written again as it was."""
    if not _MAY_CHANGE.search(text):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass  # half a surrogate pair, which is legal JSON
    return json.loads(text, parse_float=_float, parse_int=_integer)


def dumps(value: Any) -> bytes:
    """JSON of what ``loads`` gave; also of integers beyond 64 bits and of halves of surrogate pairs.

    What is nested hundreds of levels deep, and so nothing that Graph wrote, becomes null.
    """
    try:
        return orjson.dumps(value, default=_fragment)
    except TypeError:
        pass
    try:
        return _written(value).encode()
    except RecursionError:
        return b"null"


def _float(text: str) -> float:
    value = float(text)
    return value if orjson.dumps(value).decode() == text else exact_number(text)


def _integer(text: str) -> int | ExactFloat:
    return exact_number(text) if len(text) > _MOST_DIGITS or text == "-0" else int(text)


def _fragment(value: Any) -> orjson.Fragment:
    if isinstance(value, ExactFloat):
        return orjson.Fragment(value.text)
    raise TypeError


def _written(value: Any) -> str:
    match value:
        case dict():
            return "{" + ",".join(f"{json.dumps(name)}:{_written(member)}" for name, member in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case ExactFloat():
            return value.text
        case _:
            return json.dumps(value)
