"""JSON text with the place of everything in it, so that single texts can be replaced and all else stays to the byte.

Pure. Numbers, order, blanks and duplicate keys are never read, so they stay unchanged. Of a text of more than a
megabyte, which no property that Graph documents has, only the beginning becomes a `Text`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from app.archive.documents.exact_json import dumps

LONG = 1 << 20
"""Bytes."""
LARGE = 1 << 20
"""Bytes of a document that is located piece by piece: as objects it takes ten times as much memory."""

_BEGINNING = 1 << 16  # bytes of a long text
_LONGEST_CHARACTER = 12  # bytes: a pair of \\u escapes
_NOWHERE = -1
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)
# A text, as a value (1) or as a name (2), with the number that follows it (3); else a bracket or a number in a list.
_MEMBER = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")(?:(\s*:\s*)([^\s"{}\[\]:,]+)?)?|[{}\[\]]|[^\s"{}\[\]:,]+', re.DOTALL)
_VALUE, _NAME = 1, 2


class Text(NamedTuple):
    """A text, quotes included, from ``start`` to before ``end``; of a long one, ``value`` is the beginning."""

    value: str
    start: int
    end: int

    @property
    def is_long(self) -> bool:
        return self.end - self.start > LONG


@dataclass(slots=True)
class Object:
    members: list[tuple[Text, "Node"]] = field(default_factory=list)

    def get(self, name: str) -> "Node":
        """As every reader of JSON has it: the last of several members with one name."""
        return next((value for key, value in reversed(self.members) if key.value == name), None)


@dataclass(slots=True)
class List:
    items: list["Node"] = field(default_factory=list)


Node = Object | List | Text | None
"""None stands for numbers, true, false and null."""


class Edit(NamedTuple):
    start: int
    end: int
    new: bytes


class Pieces:
    """A large document, which each iteration locates again: the object without the items of these lists, then each
    item, below the name of its list. A smaller document is one piece.
    """

    def __init__(self, raw: bytes, lists: frozenset[str]) -> None:
        self.raw = raw
        self._whole = located(raw) if len(raw) <= LARGE else None
        self._items = [] if len(raw) <= LARGE else list(_items(raw, lists))

    def __iter__(self) -> Iterator[Node]:
        if len(self.raw) <= LARGE:
            yield self._whole
            return
        starts = [0, *(end for _, _, end in self._items)]
        ends = [*(start for _, start, _ in self._items), len(self.raw)]
        yield _located(self.raw, list(zip(starts, ends, strict=True)))
        for name, start, end in self._items:
            yield Object([(Text(name, _NOWHERE, _NOWHERE), List([_located(self.raw, [(start, end)])]))])


def located(raw: bytes) -> Node:
    """The value of valid JSON text."""
    return _located(raw, [(0, len(raw))])


def _located(raw: bytes, places: Sequence[tuple[int, int]]) -> Node:
    """The value that the text in these places makes together."""
    top = List()
    parent: Object | List = top
    parents: list[Object | List] = []
    name: Text | None = None  # that waits for its value
    for match in chain.from_iterable(_MEMBER.finditer(raw, *place) for place in places):
        kind = match.lastindex
        if kind is None:
            token = match[0]
            if token in b"}]":
                parent = parents.pop()
                continue
            node = _opened(token)
            _put(parent, name, node)
            name = None
            if node is not None:
                parents.append(parent)
                parent = node
            continue
        start, end = match.span(1)
        text = Text(_value(match[1] if end - start <= LONG else _beginning(raw, start)), start, end)
        if kind == _NAME:
            name = text
            continue
        _put(parent, *((name, text) if kind == _VALUE else (text, None)))
        name = None
    return top.items[0] if top.items else None


def _items(raw: bytes, lists: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    """The places of the objects in the top object's lists with these names."""
    depth, begin = 0, _NOWHERE
    name: str | None = None
    is_within = False
    for match in _TOKEN.finditer(raw):
        start, end = match.span()
        mark = raw[start : start + 1]
        if mark in b"{[":
            if depth == 0 and mark != b"{":
                return
            is_within = is_within or (depth == 1 and mark == b"[" and name in lists)
            begin = start if is_within and depth == 2 else begin
            depth += 1
        elif mark in b"}]":
            depth -= 1
            if is_within and depth == 2 and name is not None:
                yield name, begin, end
            is_within = is_within and depth > 1
        elif depth == 1 and mark == b",":
            name = None
        elif depth == 1 and mark == b'"' and name is None:
            name = _value(raw[start:end] if end - start <= LONG else _beginning(raw, start))


def replacing(text: Text, new: str | None) -> Edit:
    """The edit that replaces this text by another, or by null."""
    return Edit(text.start, text.end, dumps(new))


def edited(raw: bytes | memoryview, edits: Iterable[Edit]) -> bytes:
    """The text with these places replaced; of two edits at one place the first counts."""
    pieces: list[bytes | memoryview] = []
    at, view = 0, memoryview(raw)
    for start, end, new in sorted({edit.start: edit for edit in reversed(list(edits))}.values()):
        pieces += [view[at:start], new]
        at = end
    return b"".join([*pieces, view[at:]])


def _beginning(raw: bytes, start: int) -> bytes:
    """A text with the beginning of the long one there; it does not end within a character or an escape."""
    for end in range(start + _BEGINNING, start + _BEGINNING - _LONGEST_CHARACTER, -1):
        token = raw[start:end] + b'"'
        try:
            json.loads(token)
        except ValueError:
            continue
        return token
    return b'""'


def _opened(token: bytes) -> Object | List | None:
    if token == b"{":
        return Object()
    return List() if token == b"[" else None


def _value(token: bytes) -> str:
    if b"\\" not in token:
        return token[1:-1].decode(errors="replace")
    value: str = json.loads(token)  # orjson refuses halves of surrogate pairs
    return value


def _put(parent: Object | List, name: Text | None, node: Node) -> None:
    if isinstance(parent, List):
        parent.items.append(node)
    elif name is not None:
        parent.members.append((name, node))
