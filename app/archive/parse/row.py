"""Reads any JSON value as one of Graph's types: the result is always a row, with NULL for what does not fit."""

from collections.abc import Callable, Iterator
from typing import Any

from app.archive.parse.convert import CONVERT
from app.archive.schema.graph_types import Shape

Row = tuple[Any, ...]
Reader = Callable[[Any], Row]


def reader(shape: Shape) -> Reader:
    """A function from an object to its row; anything but an object gives a row of NULLs."""
    fields = [(field.property, CONVERT[field.kind]) for field in shape]
    nothing = (None,) * len(fields)

    def read(value: Any) -> Row:
        if not isinstance(value, dict):
            return nothing
        get = value.get
        return tuple([None if (v := get(name)) is None else to(v) for name, to in fields])

    return read


def items(value: Any) -> list[Any]:
    """The list, or an empty one where Graph gave none."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list with their positions in it; nothing where there is no list."""
    return ((number, item) for number, item in enumerate(items(value)) if isinstance(item, dict))
