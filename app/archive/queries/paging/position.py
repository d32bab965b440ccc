"""Pages of calls by their position: the calls' order, the condition for the next page, the merge of several lists."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from typing import Any, Literal, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, literal, tuple_

from app.archive.schema.microseconds import microseconds
from app.archive.schema.tables import call_people, call_records
from app.db import UtcDateTime

T = TypeVar("T")

Order = Literal["-start", "start"]

c, i = call_records.c, call_people.c


class Position(NamedTuple):
    """Of a call in the order of all calls."""

    ordered_at: datetime
    key: int


def through_time(wanted: Select[Any], order: Order, after: Position | None) -> Select[Any]:
    """``wanted`` of call_records, in order, after that position."""
    if after is not None:
        wanted = wanted.where(calls_after(order, after))
    return wanted.order_by(*_in_order(order, c.ordered_at, c.key))


def of_person(wanted: Select[Any], person_key: int, order: Order, after: Position | None) -> Select[Any]:
    """As ``through_time``, only the calls of one entry of the people index, read in the order of that index."""
    mine = wanted.join_from(call_people, call_records, c.key == i.call_key).where(i.person_key == person_key)
    if after is not None:
        mine = mine.where(entries_after(order, after))
    return mine.order_by(*_in_order(order, i.at, i.call_key))


def calls_after(order: Order, after: Position) -> ColumnElement[bool]:
    last = tuple_(literal(after.ordered_at, UtcDateTime()), literal(after.key))
    here = tuple_(c.ordered_at, c.key)
    return here > last if order == "start" else here < last


def entries_after(order: Order, after: Position) -> ColumnElement[bool]:
    """The same of the people index."""
    last = tuple_(literal(microseconds(after.ordered_at)), literal(after.key))
    here = tuple_(i.at, i.call_key)
    return here > last if order == "start" else here < last


def merged(lists: Iterable[Sequence[T]], position: Callable[[T], Position], order: Order, limit: int) -> list[T]:
    """The first of several lists that are in order each; a call that is in several lists comes once."""
    together = merge(*lists, key=position, reverse=order == "-start")
    return [next(same) for _, same in islice(groupby(together, key=position), limit)]


def _in_order(order: Order, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column if order == "start" else column.desc() for column in columns]
