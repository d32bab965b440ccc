"""Rebuilds the parts of one call from their rows: streams in media, media in segments, segments in sessions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Table

from app.archive.detail import end_sites
from app.archive.detail.reading import Detail
from app.archive.detail.wanted import ALL_OF_PARTIES, ALL_OF_SESSIONS, Rows, every_column, width
from app.archive.schema import graph_types, tables
from app.archive.schema.graph_types import Kind

Part = dict[str, Any]
Positions = tuple[Any, ...]
"""The position of a part in its parent, after those of its parents."""
Parts = Mapping[Positions, list[Part]]
"""The children of each parent, in Graph's order."""

NOTHING: Mapping[Positions, Part] = {}

_JSON = {field.column for field in (*graph_types.SESSION, *graph_types.SEGMENT) if field.kind is Kind.JSON}


async def sessions(detail: Detail, first: int = 0, last: int | None = None) -> list[Part]:
    """The sessions of a call from one position to another, with ``segments``, ``media``, ``streams`` and hops inside.

    All of them, unless there is a ``last`` one. Media have the sites of both ends; see end_sites.
    """
    rows = await detail.rows(ALL_OF_SESSIONS, first, last)
    sites = await end_sites.of_call(detail.db, detail.call_key, first, last)
    hops = _nested(tables.trace_route_hops, rows)
    media = _nested(
        tables.media,
        rows,
        sites,
        streams=_nested(tables.streams, rows),
        caller_network_trace_route_hops=_of_side("caller", hops),
        callee_network_trace_route_hops=_of_side("callee", hops),
    )
    segments = _nested(tables.segments, rows, media=media)
    return _nested(tables.sessions, rows, segments=segments).get((), [])


async def participants(detail: Detail) -> tuple[list[Part], list[Part]]:
    """The call's participants with their ``administrative_units``, and the organizer's units."""
    rows = await detail.rows(ALL_OF_PARTIES)
    units = _nested(tables.administrative_units, rows)
    found = _nested(tables.participants, rows, administrative_units=units)
    return found.get((), []), units.get((graph_types.ORGANIZER_POSITION,), [])


def _nested(table: Table, rows: Rows, beside: Mapping[Positions, Part] = NOTHING, **below: Parts) -> Parts:
    """The table's rows of one call by parent, each with its children from ``below`` and more values from ``beside``."""
    names, end = every_column(table).columns, width(table)
    parts: defaultdict[Positions, list[Part]] = defaultdict(list)
    for row in rows[table.name]:
        positions = tuple(row[1:end])
        part = {name: _value(name, value) for name, value in zip(names, row[end:], strict=True)}
        if beside is not NOTHING:
            part |= beside.get(positions, end_sites.UNKNOWN)
        parts[positions[:-1]].append(part | {name: children.get(positions, []) for name, children in below.items()})
    return parts


def _of_side(side: str, hops: Parts) -> Parts:
    return {positions[:-1]: found for positions, found in hops.items() if positions[-1] == side}


def _value(column: str, value: Any) -> Any:
    return orjson.loads(value) if column in _JSON and value is not None else value
