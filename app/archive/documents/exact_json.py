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
_MOST_DIGITS = 18  # of an integer that surely has 64 bits


class Number:
    """A number as it is written; no Python type holds it."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def loads(text: bytes) -> Any:
    """The value; a ``Number`` instead of each number that would not be written again as it was."""
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
        return _dumps_slowly(value)
    except RecursionError:
        return b"null"


def _float(text: str) -> float | Number:
    value = float(text)
    return value if orjson.dumps(value).decode() == text else Number(text)


def _integer(text: str) -> int | Number:
    return Number(text) if len(text) > _MOST_DIGITS or text == "-0" else int(text)


def _fragment(value: Any) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError


def _dumps_slowly(value: Any) -> bytes:
    """By Python's own JSON, which writes no fragments: each number replaces a mark afterwards."""
    mark, numbers = uuid4().hex, list[str]()

    def marked(number: Any) -> str:
        if not isinstance(number, Number):
            raise TypeError(f"no JSON of a {type(number).__name__}")
        numbers.append(number.text)
        return f"{mark}{len(numbers) - 1}"

    text = json.dumps(value, separators=(",", ":"), default=marked)
    return re.sub(f'"{mark}([0-9]+)"', lambda found: numbers[int(found[1])], text).encode()
