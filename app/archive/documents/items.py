"""The members of a large JSON object, of whose lists only the items that are used become objects. Pure.

A meeting of 3,000 sessions has 23 MB of text, and as objects it takes five times that; one page of it has 60 sessions.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, overload

from app.archive.documents import exact_json

Loads = Callable[[bytes], Any]
"""Makes a value of JSON text."""

_SPACE = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


class Items(Sequence[Any]):
    """A list whose items are parsed each time they are read."""

    def __init__(self, text: str, places: list[tuple[int, int]], loads: Loads) -> None:
        self._text = text
        self._places = places
        self._loads = loads

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self._value(*place) for place in self._places[index]]
        return self._value(*self._places[index])

    def _value(self, begin: int, end: int) -> Any:
        return self._loads(self._text[begin:end].encode("latin-1"))


def members(
    raw: bytes, names: frozenset[str], wanted: frozenset[str], loads: Loads = exact_json.loads
) -> dict[str, Any]:
    """The object's members; a list whose name is in ``names`` is an ``Items`` where it is ``wanted``, else left out.

    ValueError where ``raw`` is not an object.
    """
    text = raw.decode("latin-1")  # a character for each byte: structure is ASCII, and places are places in the bytes
    lists: dict[str, Items | None] = {}
    others: list[str] = []
    order: list[str] = []
    at = _expect(text, _space(text, 0), "{")
    while text[at : at + 1] != "}":
        begin = at
        name, at = _decode(text, at)
        if not isinstance(name, str):
            raise ValueError("a name is no text")  # noqa: TRY004 -- as for any other broken text
        at = _space(text, _expect(text, _space(text, at), ":"))
        order.append(name)
        if name in names and text[at : at + 1] == "[":
            places, at = _items(text, at)
            lists[name] = Items(text, places, loads) if name in wanted else None
        else:
            lists.pop(name, None)
            _, at = _decode(text, at)
            others.append(text[begin:at])
        at = _after_comma(text, at, "}")
    head = loads(("{" + ",".join(others) + "}").encode("latin-1"))
    found = {name.encode("latin-1").decode(): None for name in order}
    return {name: lists[name] if name in lists else head[name] for name in found if lists.get(name, 0) is not None}


def _items(text: str, at: int) -> tuple[list[tuple[int, int]], int]:
    """Where each item begins and ends, and the place after the list."""
    places = []
    at = _space(text, at + 1)
    while text[at : at + 1] != "]":
        _, end = _decode(text, at)
        places.append((at, end))
        at = _after_comma(text, end, "]")
    return places, at + 1


def _after_comma(text: str, at: int, end: str) -> int:
    at = _space(text, at)
    return at if text[at : at + 1] == end else _space(text, _expect(text, at, ","))


def _expect(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark} is missing")
    return _space(text, at + 1)


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
