"""The parts of one call put together again from their rows: streams in media, in segments, in sessions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema import graph_types, tables
from app.archive.schema.graph_types import Kind

Part = dict[str, Any]
Place = tuple[Any, ...]
"""Where something belongs: the positions of a part."""
Parts = Mapping[Place, list[Part]]
"""The parts below each place, in Graph's order."""

_JSON = {field.column for field in (*graph_types.SESSION, *graph_types.SEGMENT) if field.kind is Kind.JSON}


async def sessions(db: AsyncConnection, call_key: int, position: int | None = None) -> list[Part]:
    """The call's sessions with ``segments`` with ``media`` with ``streams`` and trace route hops; or that one alone."""
    hops = await _parts(db, tables.trace_route_hops, call_key, position)
    streams = await _parts(db, tables.streams, call_key, position)
    media = await _parts(
        db,
        tables.media,
        call_key,
        position,
        streams=streams,
        caller_network_trace_route_hops=_of_side("caller", hops),
        callee_network_trace_route_hops=_of_side("callee", hops),
    )
    segments = await _parts(db, tables.segments, call_key, position, media=media)
    return (await _parts(db, tables.sessions, call_key, position, segments=segments)).get((), [])


async def participants(db: AsyncConnection, call_key: int) -> tuple[list[Part], list[Part]]:
    """The call's participants with their ``administrative_units``, and the organizer's units."""
    units = await _parts(db, tables.administrative_units, call_key)
    found = await _parts(db, tables.participants, call_key, administrative_units=units)
    return found.get((), []), units.get((tables.ORGANIZER_POSITION,), [])


async def _parts(db: AsyncConnection, table: Table, call_key: int, session: int | None = None, **below: Parts) -> Parts:
    """The table's rows of this call (or session) by their parent's place, each with what ``below`` has for its own."""
    places = [column for column in table.primary_key if column.name != "call_key"]
    wanted = [column for column in table.columns if not column.primary_key]
    names = [str(column.name) for column in wanted]  # SQLAlchemy's own kind of text is no key for orjson
    mine = [table.c.call_key == call_key, *([] if session is None else [table.c.session_position == session])]
    rows = await db.execute(select(*places, *wanted).where(*mine).order_by(*places))
    parts: defaultdict[Place, list[Part]] = defaultdict(list)
    for row in rows:
        place, values = tuple(row[: len(places)]), row[len(places) :]
        part = {name: _value(name, value) for name, value in zip(names, values, strict=True)}
        parts[place[:-1]].append(part | {name: children.get(place, []) for name, children in below.items()})
    return parts


def _of_side(side: str, hops: Parts) -> Parts:
    return {place[:-1]: found for place, found in hops.items() if place[-1] == side}


def _value(column: str, value: Any) -> Any:
    return orjson.loads(value) if column in _JSON and value is not None else value
