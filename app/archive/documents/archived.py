"""A stored document as the parser of records reads it, within a few times its size in memory. Pure."""

from typing import Any

from app import long_texts, wire
from app.archive.documents import codec, items
from app.archive.documents.page_merge import LISTS

_LARGE = 1 << 20  # bytes of text from which lists are ``Items``
_LISTS = frozenset(LISTS.values())


def parsed(packed: bytes) -> tuple[Any, int]:
    """The record, and the size of its text; ValueError or ZstdError where it cannot be read.

    Of texts longer than a megabyte it has the beginning, as when it was fetched, and a large record's lists are
    ``Items``.
    """
    text = codec.unpack(packed)
    size = len(text)
    text, _ = long_texts.shortened(text)
    if len(text) > _LARGE:
        try:
            return items.members(text, _LISTS, _LISTS, wire.parsed), size
        except (ValueError, KeyError):
            pass  # no object, or text that only a more patient reader accepts
    return wire.parsed(text), size
