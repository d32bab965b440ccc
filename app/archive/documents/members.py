"""Parts of a stored document, read without decompressing or parsing lists that the caller does not need.

``merge`` packs what came in several pages as frames of its own: the members of the record, then each list. What
came in one response is a single frame.
"""

from collections.abc import Iterator
from typing import Any

from app.archive.documents import exact_json, items
from app.archive.documents.codec import unpack
from app.archive.documents.dictionaries import zstd
from app.archive.documents.page_merge import LISTS

HEAD = 256 * 1024
"""Packed bytes that hold the head of nearly every document."""

LARGE = 1 << 20
"""Bytes of text from which lists are ``Items``: below, reading all at once is faster."""

_LISTS = frozenset(LISTS.values())
_NAMES = {f'"{name}":['.encode(): name for name in LISTS.values()}


class NeedMoreError(Exception):
    """The head does not end in these bytes."""


def head(packed: bytes) -> dict[str, Any]:
    """The record's own members without its lists, if ``packed`` is its document or the beginning of it."""
    try:
        size = zstd.get_frame_size(packed)
    except zstd.ZstdError:
        raise NeedMoreError from None
    if size == len(packed) == HEAD:  # whether another frame follows was cut away
        raise NeedMoreError
    first = unpack(packed[:size])
    found = _object(first + b"}" if size < len(packed) else first, frozenset())
    return {name: value for name, value in found.items() if name not in _LISTS}


def record(packed: bytes, lists: frozenset[str]) -> dict[str, Any]:
    """The record with at least these of its lists, each a list or ``Items``."""
    members, *rest = _frames(packed)
    if not rest:
        return _object(unpack(members), lists)
    found = _object(unpack(members) + b"}", lists)
    for frame in rest:
        text = unpack(frame)
        if _name(text) in lists:
            found |= _object(b"{" + text + b"}", lists)
    return found


def _frames(packed: bytes) -> Iterator[bytes]:
    while packed:
        size = zstd.get_frame_size(packed)
        yield packed[:size]
        packed = packed[size:]


def _name(text: bytes) -> str | None:
    return next((name for begin, name in _NAMES.items() if text.startswith(begin)), None)


def _object(text: bytes, lists: frozenset[str]) -> dict[str, Any]:
    if len(text) > LARGE:
        try:
            return items.members(text, _LISTS, lists)
        except (ValueError, KeyError):
            pass  # no object, or text that only a more patient reader accepts
    value = exact_json.loads(text)
    return value if isinstance(value, dict) else {}
