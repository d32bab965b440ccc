"""Rebuilds the parts of one call from their rows: streams in media, media in segments, segments in sessions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema import graph_types, tables
from app.archive.schema.graph_types import Kind

Part = dict[str, Any]
Positions = tuple[Any, ...]
"""The position of a part in its parent, after those of its parents."""
Parts = Mapping[Positions, list[Part]]
"""The children of each parent, in Graph's order."""

_JSON = {field.column for field in (*graph_types.SESSION, *graph_types.SEGMENT) if field.kind is Kind.JSON}


async def sessions(db: AsyncConnection, call_key: int, first: int = 0, last: int | None = None) -> list[Part]:
    """The sessions of a call from one position to another, with ``segments``, ``media``, ``streams`` and hops inside.

    All of them, unless there is a ``last`` one.
    """
    span = None if last is None else (first, last)
    hops = await _parts(db, tables.trace_route_hops, call_key, span)
    streams = await _parts(db, tables.streams, call_key, span)
    media = await _parts(
        db,
        tables.media,
        call_key,
        span,
        streams=streams,
        caller_network_trace_route_hops=_of_side("caller", hops),
        callee_network_trace_route_hops=_of_side("callee", hops),
    )
    segments = await _parts(db, tables.segments, call_key, span, media=media)
    return (await _parts(db, tables.sessions, call_key, span, segments=segments)).get((), [])


async def participants(db: AsyncConnection, call_key: int) -> tuple[list[Part], list[Part]]:
    """The call's participants with their ``administrative_units``, and the organizer's units."""
    units = await _parts(db, tables.administrative_units, call_key)
    found = await _parts(db, tables.participants, call_key, administrative_units=units)
    return found.get((), []), units.get((graph_types.ORGANIZER_POSITION,), [])


async def _parts(
    db: AsyncConnection, table: Table, call_key: int, span: tuple[int, int] | None = None, **below: Parts
) -> Parts:
    """The table's rows of this call (or of some sessions) by parent, each with its children from ``below``."""
    position_columns = [column for column in table.primary_key if column.name != "call_key"]
    value_columns = [column for column in table.columns if not column.primary_key]
    names = [str(column.name) for column in value_columns]  # orjson refuses SQLAlchemy's subclass of str as a key
    of_call = [table.c.call_key == call_key, *([] if span is None else [table.c.session_position.between(*span)])]
    wanted = select(*position_columns, *value_columns).where(*of_call).order_by(*position_columns)
    parts: defaultdict[Positions, list[Part]] = defaultdict(list)
    for row in await db.execute(wanted):
        positions, values = tuple(row[: len(position_columns)]), row[len(position_columns) :]
        part = {name: _value(name, value) for name, value in zip(names, values, strict=True)}
        parts[positions[:-1]].append(part | {name: children.get(positions, []) for name, children in below.items()})
    return parts


def _of_side(side: str, hops: Parts) -> Parts:
    return {positions[:-1]: found for positions, found in hops.items() if positions[-1] == side}


def _value(column: str, value: Any) -> Any:
    return orjson.loads(value) if column in _JSON and value is not None else value
