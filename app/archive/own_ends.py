"""One person's own ends of some calls: with what they took part, and how the streams of these ends went."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, Column, ColumnElement, Select, Table, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.facets import DEVICE, END, LONGEST, NETWORK, NONE, Streams, Value, relay
from app.archive.models import media, segments, streams
from app.archive.traits import Used
from app.db import JsonRows

CHUNK = 2_000  # calls in one statement
SIDES = ("caller", "callee")
SEGMENT = ("call_key", "session_position", "segment_position")
MEDIA = (*SEGMENT, "media_position")
AGENT = END[1:]

Place = tuple[Any, ...]
Codecs = tuple[Value, Value]
Values = Mapping[str, frozenset[str]]

s, m, t = segments.c, media.c, streams.c


class Known(NamedTuple):
    """By what a person's ends are known, all folded."""

    ids: Collection[str]
    principal_names: Collection[str]  # of those that have no id


async def used(db: AsyncConnection, at: Mapping[int, datetime], known: Known) -> list[Used]:
    """One for each media of the person in the calls ``at`` and each codec there; one for a segment without media."""
    keys, found = sorted(at), list[Used]()
    for start in range(0, len(keys), CHUNK):
        for side in SIDES:
            found += await _of_side(db, side, keys[start : start + CHUNK], at, known)
    return found


async def _of_side(
    db: AsyncConnection, side: str, keys: list[int], at: Mapping[int, datetime], known: Known
) -> list[Used]:
    agents = {tuple(row[:3]): tuple(row[3:]) for row in await db.execute(_segments(side, keys, known))}
    if not agents:
        return []
    places = {"rows": orjson.dumps([*agents]).decode()}
    counts = await _streams(db, places)
    found, seen = list[Used](), set[Place]()
    for row in await db.execute(_media(side, db.dialect.name), places):
        place, values = tuple(row[:3]), _values(agents[tuple(row[:3])], row[4:9], row[9:])
        seen.add(place)
        found += _used(place[0], at[place[0]], values, counts.get(tuple(row[:4]), {}))
    silent = (place for place in agents if place not in seen)
    return found + [Used(place[0], at[place[0]], _of_agent(agents[place]), NONE) for place in silent]


def _segments(side: str, keys: list[int], known: Known) -> Select[Any]:
    """Where the person was on this side, and with what client."""
    named = (("id", known.ids), ("user_principal_name", known.principal_names))
    same = [func.lower(s[f"{side}_identity_{name}"]).in_(sorted(texts)) for name, texts in named if texts]
    wanted = select(*(s[name] for name in SEGMENT), *(s[f"{side}_{name}"] for name in AGENT))
    return wanted.where(s.call_key.in_(keys), or_(*same))


def _media(side: str, dialect: str) -> Select[Any]:
    """Network and device of each media of the given segments."""
    columns = (*(m[f"{side}_network_{name}"] for name in NETWORK), *(m[f"{side}_device_{name}"] for name in DEVICE))
    return _below(media, dialect, *(m[name] for name in MEDIA), *columns)


async def _streams(db: AsyncConnection, places: dict[str, str]) -> Mapping[Place, dict[Codecs, Streams]]:
    """Of each media of the given segments, by audio and video codec."""
    judged = func.sum(case((t.quality != "unknown", 1), else_=0))
    poor = func.sum(case((t.quality == "poor", 1), else_=0))
    by = (*(t[name] for name in MEDIA), t.audio_codec, t.video_codec)
    wanted = _below(streams, db.dialect.name, *by, func.count(), judged, poor).group_by(*by)
    found: defaultdict[Place, dict[Codecs, Streams]] = defaultdict(dict)
    for *place, audio, video, count, of_them_judged, of_them_poor in await db.execute(wanted, places):
        found[tuple(place)][audio, video] = Streams(count, of_them_judged, of_them_poor)
    return found


def _below(table: Table, dialect: str, *columns: Column[Any] | ColumnElement[Any]) -> Select[Any]:
    """From the rows below given segments: a meeting has many more than those of one person."""
    given = JsonRows(dialect)
    here = and_(*(table.c[name] == given.column(place, BigInteger()) for place, name in enumerate(SEGMENT)))
    return select(*columns).select_from(given.table.join(table, here))


def _used(key: int, at: datetime, values: Values, counts: Mapping[Codecs, Streams]) -> Iterator[Used]:
    for codecs, count in (counts or {(None, None): NONE}).items():
        yield Used(key, at, {**values, **_known(codec=codecs)}, count)


def _values(agent: Sequence[Value], network: Sequence[Value], device: Sequence[Value]) -> Values:
    connection_type, wifi_band, subnet, transport, _ = network
    return _of_agent(agent) | _known(
        device=device,
        connection_type=(connection_type,),
        wifi_band=(wifi_band,),
        subnet=(subnet,),
        transport=(transport,),
        relay=(relay(network),),
    )


def _of_agent(agent: Sequence[Value]) -> dict[str, frozenset[str]]:
    platform, family, version = agent
    return _known(platform=(platform,), product_family=(family,), client_version=(version,))


def _known(**values: Sequence[Value]) -> dict[str, frozenset[str]]:
    found = {name: frozenset(value[:LONGEST] for value in some if value) for name, some in values.items()}
    return {name: some for name, some in found.items() if some}
