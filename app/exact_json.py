"""JSON read and written without changing a number: Graph's digits may be more than a double or 64 bits hold. Pure."""

import json
import re
from typing import Any
from uuid import uuid4

import orjson

# Numbers that orjson would write differently than it read them: more than 15 digits, an exponent, a 0 at the end
# of the decimals, or a negative 0. The same characters within a text only make reading slower.
_MAY_CHANGE = re.compile(
    rb"[:\[,]\s*(?:-0\s*[,}\]]|-?(?:[0-9][0-9.]{15,}|[0-9]+(?:\.[0-9]+)?[eE]|[0-9]+\.[0-9]+0\s*[,}\]]))"
)
_INT64, _UINT64 = -(1 << 63), 1 << 64  # what orjson reads and writes exactly
_MOST_DIGITS = 20  # of an integer of 64 bits, with its sign


class Number(float):
    """A number that was written with more than a float has; ``text`` is how."""

    __slots__ = ("text",)
    text: str


def loads(text: bytes | bytearray) -> Any:
    """The value; a ``Number`` in the place of each number that would not be written again as it was.

    ValueError where that is no JSON, RecursionError where it is nested too deeply.
    """
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
        return orjson.dumps(value, default=fragment)
    except TypeError:
        pass
    try:
        return _dumps_slowly(value)
    except RecursionError:
        return b"null"


def _float(text: str) -> float:
    value = float(text)
    return value if orjson.dumps(value).decode() == text else _number(text)


def _integer(text: str) -> float:
    value = int(text) if len(text) <= _MOST_DIGITS else _UINT64
    return value if _INT64 <= value < _UINT64 and text != "-0" else _number(text)


def _number(text: str) -> Number:
    number = Number(text)
    number.text = text
    return number


def fragment(value: Any) -> orjson.Fragment:
    """A ``Number`` as orjson writes it: its ``default``."""
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError


def _dumps_slowly(value: Any) -> bytes:
    """By Python's own JSON, which writes no fragments: each number is put in the place of a mark afterwards."""
    mark, numbers = uuid4().hex, list[str]()

    def marked(inner: Any) -> Any:
        match inner:
            case Number(text=text):
                numbers.append(text)
                return f"{mark}{len(numbers) - 1}"
            case dict():
                return {name: marked(each) for name, each in inner.items()}
            case list():
                return [marked(each) for each in inner]
        return inner

    text = json.dumps(marked(value), separators=(",", ":"))
    return re.sub(f'"{mark}([0-9]+)"', lambda found: numbers[int(found[1])], text).encode()
