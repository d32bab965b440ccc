"""Reads any JSON value as one of Graph's types: the result is always a row, with NULL for what does not fit."""

from collections.abc import Callable, Iterator
from typing import Any

from app.archive.documents.items import Items
from app.archive.parse.convert import CONVERT, text
from app.archive.schema.graph_types import Shape

Row = tuple[Any, ...]
LONGEST = 1_000  # characters of a text that needs no call, as nearly all
_SOME = 100  # items that are objects at once
Reader = Callable[[Any], Row]


def reader(shape: Shape) -> Reader:
    """A function from an object to its row; anything but an object gives a row of NULLs."""
    places = {field.property: (place, CONVERT[field.kind]) for place, field in enumerate(shape)}
    assert len(places) == len(shape)
    find = places.get
    nothing = [None] * len(shape)

    def read(value: Any) -> Row:
        row: list[Any] = nothing.copy()
        if isinstance(value, dict):
            for name, member in value.items():  # Graph leaves many properties out or null
                if member is not None and (found := find(name)) is not None:
                    place, to = found
                    is_usual = to is text and type(member) is str and len(member) <= LONGEST and member.isprintable()
                    row[place] = member if is_usual else to(member)
        return tuple(row)

    return read


def items(value: Any) -> list[Any]:
    """The list, or an empty one where Graph gave none."""
    return value if isinstance(value, list) else []


def batches(value: Any) -> Iterator[list[Any]]:
    """The items of a list or of ``Items``, some at a time; nothing where there is no list."""
    found = value if isinstance(value, list | Items) else []
    return (found[begin : begin + _SOME] for begin in range(0, len(found), _SOME))


def objects(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list with their positions in it; nothing where there is no list."""
    return ((number, item) for number, item in enumerate(items(value)) if isinstance(item, dict))
