"""Reads a document whose texts may have megabytes, without making an object of each such text.

A document of 50 MB with one character beyond 16 bits becomes a text of 200 MB. The archive stores the bytes of the
answer, and its columns need no more than the beginning of such a text. Pure.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app import wire

LONG = 1 << 20
"""Bytes; no text that Graph is known to write has a hundredth of them."""
SHORT = 1 << 18
"""Bytes of the beginning that is read: more than any column of the archive takes, with every character escaped."""

_LARGE = 2 * LONG  # bytes of a document that can have a text of LONG bytes around one of the places looked at
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_QUOTE = re.compile(rb'(?<!\\)"')
_LONGEST_CHARACTER = 12  # bytes: a pair of \u escapes


def parsed(raw: bytes) -> tuple[Any, Mapping[str, tuple[int, int]]]:
    """The value with the beginning of each long text, and the place of each such text; ValueError if it is not JSON."""
    short, places = shortened(raw)
    return wire.parsed(short), places


def shortened(raw: bytes) -> tuple[bytes, Mapping[str, tuple[int, int]]]:
    """The JSON with the beginning of each long text, and the places as above; without one, ``raw`` itself."""
    if not _may_have_long_texts(raw):
        return raw, {}
    pieces, places, at = [], {}, 0
    for start, end in _long_texts(raw):
        text = f"{_beginning(raw, start)}…{start}"  # the number makes it unique
        places[text] = (start, end)
        pieces += [raw[at:start], json.dumps(text).encode()]
        at = end
    return b"".join([*pieces, raw[at:]]), places


def restored(value: Any, raw: bytes, places: Mapping[str, tuple[int, int]]) -> Any:
    """The value with the complete texts."""
    match value:
        case dict():
            return {restored(name, raw, places): restored(member, raw, places) for name, member in value.items()}
        case list():
            return [restored(item, raw, places) for item in value]
        case str() if value in places:
            start, end = places[value]
            return wire.parsed(raw[start:end])
    return value


def _may_have_long_texts(raw: bytes) -> bool:
    """Whether a stretch of half such a text has no quote that ends or begins a text: a text of LONG bytes has one."""
    if len(raw) < _LARGE:
        return False
    half = LONG // 2
    return any(_QUOTE.search(raw, at, at + half) is None for at in range(0, len(raw) - half, half))


def _long_texts(raw: bytes) -> Iterator[tuple[int, int]]:
    for found in _TEXT.finditer(raw):
        if found.end() - found.start() > LONG:
            yield found.span()


def _beginning(raw: bytes, start: int) -> str:
    """It does not end within a character or an escape."""
    for end in range(start + SHORT, start + SHORT - _LONGEST_CHARACTER, -1):
        try:
            text: str = json.loads(raw[start:end] + b'"')
        except ValueError:
            continue
        return text
    return ""
