"""One person's own ends of some calls: with what they took part, and how the streams of these ends went."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, ColumnElement, Select, Table, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.parse.call_dimensions import DEVICE, NETWORK, NONE, Streams, Value, relay
from app.archive.people import document_ends
from app.archive.people.comparison import Used, Values
from app.archive.people.own_ends import AGENT, MEASURED, SIDES, Codecs, Ends, Known, Place, Reported
from app.archive.schema.dimensions import LONGEST
from app.archive.schema.site_tables import endpoint_sites
from app.archive.schema.tables import media, segments, sessions, streams
from app.archive.sites.end_network import bssid_text
from app.db import JsonRows

CHUNK = 2_000  # calls in one statement
SESSION = ("call_key", "session_position")
SEGMENT = (*SESSION, "segment_position")
MEDIA = (*SEGMENT, "media_position")

ValuesOf = Callable[[Reported, Reported, Codecs], Values]
Sites = Mapping[Place, Values]

UNKNOWN: Codecs = (None, None)
SILENT = {UNKNOWN: NONE}  # the streams of a media without any
UNMEASURED: Reported = (None,) * (len(NETWORK) + 1 + len(DEVICE))


async def used(db: AsyncConnection, at: Mapping[int, datetime], known: Known) -> list[Used]:
    """One for each media of the person in the calls ``at`` and each codec there; one for a segment without media."""
    stored = await reading.stored_keys(db, at)
    keys, found, values = sorted(stored), list[Used](), cache(_values)
    sites = await _sites(db, sorted(at))
    for start in range(0, len(keys), CHUNK):
        found += _used(await _stored(db, keys[start : start + CHUNK], known), at, sites, values)
    async for ends in reading.of_documents(db, set(at) - stored, partial(document_ends.ends, known=known)):
        found += _used(ends, at, sites, values)
    return found


async def places(db: AsyncConnection, keys: Sequence[int], known: Known) -> set[tuple[int, int]]:
    """(key of the call, position of the session) of each session in which the person was."""
    stored = await reading.stored_keys(db, keys)
    found = {(row[0], row[1]) for row in await db.execute(_segments(sorted(stored), known))} if stored else set()
    async for some in reading.of_documents(db, set(keys) - stored, partial(document_ends.places, known=known)):
        found.update(some)
    return found


def _used(ends: Ends, at: Mapping[int, datetime], sites: Sites, values: ValuesOf) -> list[Used]:
    found, seen = list[Used](), set[Place]()
    for row in ends.media:
        place, measured = tuple(row[:3]), dict(zip(SIDES, _halves(row[4:]), strict=True))
        key, streams_here = row[0], ends.streams.get(tuple(row[:4]), SILENT)
        seen.add(place)
        for side, agent in ends.agents[place].items():
            for codecs, count in streams_here.items():
                known_values = _with_site(values(agent, measured[side], codecs), sites.get((*row[:4], side)))
                found.append(Used(key, at[key], known_values, count))
    silent = ((place[0], agent) for place, own in ends.agents.items() if place not in seen for agent in own.values())
    return found + [Used(key, at[key], values(agent, UNMEASURED, UNKNOWN), NONE) for key, agent in silent]


async def _stored(db: AsyncConnection, keys: list[int], known: Known) -> Ends:
    """The person's ends of calls that have detail rows."""
    agents = {tuple(row[:3]): _own(tuple(row[3:])) for row in await db.execute(_segments(keys, known))}
    if not agents:
        return Ends({}, [], {})
    given = {"rows": orjson.dumps([*agents]).decode()}
    media_rows = [tuple(row) for row in await db.execute(_media(db.dialect.name), given)]
    return Ends(agents, media_rows, await _streams(db, given))


def _segments(keys: list[int], known: Known) -> Select[Any]:
    """Where the person was, on which side, and with what client. An end without an identity is the session's."""
    mine = [
        or_(_is(segments, side, known), and_(_is_nobody(segments, side), _is(sessions, side, known))) for side in SIDES
    ]
    ends = [
        column
        for side, here in zip(SIDES, mine, strict=True)
        for column in (case((here, 1), else_=0), *(_of_either(f"{side}_{name}") for name in AGENT))
    ]
    same = and_(*(segments.c[name] == sessions.c[name] for name in SESSION))
    both = segments.outerjoin(sessions, same)
    return (
        select(*(segments.c[name] for name in SEGMENT), *ends)
        .select_from(both)
        .where(segments.c.call_key.in_(keys), or_(*mine))
    )


def _of_either(column: str) -> ColumnElement[Any]:
    """What the segment says, else its session."""
    return func.coalesce(segments.c[column], sessions.c[column])


def _is(table: Table, side: str, known: Known) -> ColumnElement[bool]:
    an_id, address = (table.c[f"{side}_identity_{name}"] for name in ("id", "user_principal_name"))
    by_id = func.lower(an_id).in_(sorted(known.ids))
    by_address = and_(an_id.is_(None), func.lower(address).in_(sorted(known.principal_names)))
    return or_(*([by_id] if known.ids else []), *([by_address] if known.principal_names else []))


def _is_nobody(table: Table, side: str) -> ColumnElement[bool]:
    names = ("id", "user_principal_name", "display_name")
    return and_(*(table.c[f"{side}_identity_{name}"].is_(None) for name in names))


def _own(ends: Place) -> dict[str, Reported]:
    """The person's sides of a segment, and the client there."""
    return {side: tuple(agent) for side, (here, *agent) in zip(SIDES, _halves(ends), strict=True) if here}


def _media(dialect: str) -> Select[Any]:
    """Network and device of both ends of each media of the given segments."""
    return _below(media, dialect, *(media.c[name] for name in (*MEDIA, *MEASURED)))


def _halves(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The caller's and the callee's."""
    middle = len(values) // 2
    return values[:middle], values[middle:]


async def _streams(db: AsyncConnection, places: dict[str, str]) -> dict[Place, dict[Codecs, Streams]]:
    """Of each media of the given segments, by audio and video codec."""
    judged = func.sum(case((streams.c.quality != "unknown", 1), else_=0))
    poor = func.sum(case((streams.c.quality == "poor", 1), else_=0))
    by = (*(streams.c[name] for name in MEDIA), streams.c.audio_codec, streams.c.video_codec)
    wanted = _below(streams, db.dialect.name, *by, func.count(), judged, poor).group_by(*by)
    found: defaultdict[Place, dict[Codecs, Streams]] = defaultdict(dict)
    for *place, audio, video, count, of_them_judged, of_them_poor in await db.execute(wanted, places):
        found[tuple(place)][audio, video] = Streams(count, of_them_judged, of_them_poor)
    return found


async def _sites(db: AsyncConnection, keys: list[int]) -> dict[Place, Values]:
    """Where ends of these calls were, by media and side, and the names of their access points."""
    e = endpoint_sites.c
    wanted = select(*(e[name] for name in MEDIA), e.side, e.site, e.network_name, e.vpn, e.access_point)
    found = await db.execute(wanted.where(e.call_key.in_(keys)))
    return {
        tuple(row[:5]): _known(
            site=(row.site,),
            network=(row.network_name,),
            vpn=("vpn",) if row.vpn else (),
            access_point=(row.access_point,),
        )
        for row in found
    }


def _with_site(values: Values, site: Values | None) -> Values:
    """The name of an access point takes the place of its BSSID."""
    if not site:
        return values
    return tuple((dict(values) | dict(site)).items())


def _below(table: Table, dialect: str, *columns: Column[Any] | ColumnElement[Any]) -> Select[Any]:
    """From the rows below given segments: a meeting has many more than those of one person."""
    given = JsonRows(dialect)
    here = and_(*(table.c[name] == given.column(place, BigInteger()) for place, name in enumerate(SEGMENT)))
    return select(*columns).select_from(given.table.join(table, here))


def _values(agent: Reported, measured: Reported, codecs: Codecs) -> Values:
    """``measured``: the network's columns, its BSSID, then the device's columns."""
    platform, family, version = agent
    network, bssid, device = measured[: len(NETWORK)], measured[len(NETWORK)], measured[len(NETWORK) + 1 :]
    connection_type, wifi_band, subnet, transport, _ = network
    return _known(
        platform=(platform,),
        product_family=(family,),
        client_version=(version,),
        device=device,
        connection_type=(connection_type,),
        wifi_band=(wifi_band,),
        subnet=(subnet,),
        transport=(transport,),
        relay=(relay(network),),
        codec=codecs,
        access_point=(bssid_text(bssid),),
    )


def _known(**values: Sequence[Value]) -> Values:
    found = ((name, frozenset(value[:LONGEST] for value in some if value)) for name, some in values.items())
    return tuple((name, some) for name, some in found if some)
