"""JSON text with the place of everything in it, so that single texts can be replaced and all else stays to the byte.

Pure. Numbers, order, blanks and duplicate keys are never read, so they stay unchanged.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from app.archive.documents.exact_json import dumps

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


class Text(NamedTuple):
    """A text, quotes included, from ``start`` to before ``end``."""

    value: str
    start: int
    end: int


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


def located(raw: bytes) -> Node:
    """The value of valid JSON text."""
    top = List()
    parents: list[Object | List] = [top]
    names: list[Text | None] = [None]  # of each parent, the name that waits for its value
    for match in _TOKEN.finditer(raw):
        token = match[0]
        if token in b"}]":
            parents.pop()
            names.pop()
        elif token not in b":,":
            node = _node(token, match.start(), match.end())
            names[-1] = _put(parents[-1], names[-1], node)
            if isinstance(node, Object | List):
                parents.append(node)
                names.append(None)
    return top.items[0] if top.items else None


def replacing(text: Text, new: str | None) -> Edit:
    """The edit that replaces this text by another, or by null."""
    return Edit(text.start, text.end, dumps(new))


def edited(raw: bytes, edits: Iterable[Edit]) -> bytes:
    """The text with these places replaced; of two edits at one place the first counts."""
    pieces, at = [], 0
    for start, end, new in sorted({edit.start: edit for edit in reversed(list(edits))}.values()):
        pieces += [raw[at:start], new]
        at = end
    return b"".join([*pieces, raw[at:]])


def _node(token: bytes, start: int, end: int) -> Node:
    if token == b"{":
        return Object()
    if token == b"[":
        return List()
    return Text(_value(token), start, end) if token[:1] == b'"' else None


def _value(token: bytes) -> str:
    if b"\\" not in token:
        return token[1:-1].decode(errors="replace")
    value: str = json.loads(token)  # orjson refuses halves of surrogate pairs
    return value


def _put(parent: Object | List, name: Text | None, node: Node) -> Text | None:
    """Adds the node to its parent; the name that waits now."""
    if isinstance(parent, List):
        parent.items.append(node)
        return None
    if name is None:
        assert isinstance(node, Text)
        return node
    parent.members.append((name, node))
    return None
