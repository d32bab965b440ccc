"""What the people at one site used in the newest calls, and what their poor streams have in common."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.detail.wanted import Wanted
from app.archive.parse.call_dimensions import DEVICE, NETWORK, NONE, ONE, Streams, relay
from app.archive.people import comparison
from app.archive.people.comparison import Comparison, Used
from app.archive.people.endpoints import MEDIA
from app.archive.people.own_ends import BSSID, MEASURED, SIDES
from app.archive.queries.filters import Filters
from app.archive.schema.dimensions import LONGEST
from app.archive.schema.site_tables import endpoint_sites
from app.archive.schema.tables import call_records, media, streams
from app.archive.sites import end_network

CALLS = 300  # the newest: more show nothing else, and take longer
ENOUGH = 3  # calls with a value, and as many without it

c, e = call_records.c, endpoint_sites.c
_WANTED = (Wanted(media, MEASURED), Wanted(streams, ("quality",)))


@dataclass(frozen=True, slots=True)
class Profile:
    calls: int
    """How many of the newest calls were read."""
    compared: Comparison


async def profile(db: AsyncConnection, site: str, filters: Filters) -> Profile:
    """Of the ends that were at the site, in calls of the filters' range."""
    wanted = select(c.key, c.ordered_at).where(*filters.conditions()).order_by(c.ordered_at.desc(), c.key.desc())
    at: dict[int, datetime] = {row.key: row.ordered_at for row in await db.execute(wanted.limit(CALLS))}
    if not at:
        return Profile(0, comparison.compared([]))
    stored = await reading.stored_keys(db, at)
    used = [
        *(await _from_rows(db, at, sorted(stored), site) if stored else ()),
        *await _from_documents(db, at, set(at) - stored, site),
    ]
    return Profile(len(at), comparison.compared(used, enough=ENOUGH))


async def _from_rows(db: AsyncConnection, at: Mapping[int, datetime], keys: list[int], site: str) -> list[Used]:
    counts = await _streams(db, keys)
    return [
        Used(row.call_key, at[row.call_key], _values(dict(row._mapping)), counts.get(tuple(row[:4]), NONE))  # noqa: SLF001 -- SQLAlchemy's
        for row in await db.execute(_ends(keys, site))
    ]


async def _from_documents(
    db: AsyncConnection, at: Mapping[int, datetime], keys: Collection[int], site: str
) -> list[Used]:
    """The same of calls without detail rows."""
    wanted = select(*(e[name] for name in MEDIA), e.side, e.network_name, e.access_point)
    wanted = wanted.where(e.call_key.in_(keys), e.site == site, e.side.in_(SIDES))
    ends = [tuple(row) for row in await db.execute(wanted)] if keys else []
    measured: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    counts: dict[tuple[Any, ...], Streams] = {}
    async for rows in reading.of_documents(db, {end[0] for end in ends}, lambda document: document.rows(_WANTED)):
        measured |= {row[:4]: row[4:] for row in rows["media"]}
        for row in rows["streams"]:
            counts[row[:4]] = counts.get(row[:4], NONE).plus(ONE[row[-1]])
    used = []
    for *place, side, network_name, access_point in ends:
        if (here := tuple(place)) in measured:
            values = _of_side(measured[here], side) | {"network_name": network_name, "access_point": access_point}
            used.append(Used(here[0], at[here[0]], _values(values), counts.get(here, NONE)))
    return used


def _of_side(measured: tuple[Any, ...], side: str) -> dict[str, Any]:
    """What one end of a media measured, by the names of its columns without the side."""
    half = len(measured) // 2
    values = measured[:half] if side == SIDES[0] else measured[half:]
    return dict(zip((*NETWORK, BSSID, *DEVICE), values, strict=True))


def _ends(keys: list[int], site: str) -> Any:
    """Networks and devices of the ends at the site, under the same names for either side."""
    same = and_(*(media.c[name] == e[name] for name in MEDIA))
    names = [*(("network", name) for name in (*NETWORK, BSSID)), *(("device", name) for name in DEVICE)]
    columns = [
        case((e.side == "caller", media.c[f"caller_{part}_{name}"]), else_=media.c[f"callee_{part}_{name}"]).label(name)
        for part, name in names
    ]
    wanted = select(*(e[name] for name in MEDIA), e.network_name, e.access_point, *columns)
    return wanted.select_from(endpoint_sites.join(media, same)).where(
        e.call_key.in_(keys), e.site == site, or_(*(e.side == side for side in SIDES))
    )


async def _streams(db: AsyncConnection, keys: list[int]) -> dict[tuple[Any, ...], Streams]:
    place = [streams.c[name] for name in MEDIA]
    judged = func.sum(case((streams.c.quality != "unknown", 1), else_=0))
    poor = func.sum(case((streams.c.quality == "poor", 1), else_=0))
    wanted = select(*place, func.count(), judged, poor).where(streams.c.call_key.in_(keys)).group_by(*place)
    return {tuple(row[:4]): Streams(*map(int, row[4:])) for row in await db.execute(wanted)}


def _values(row: dict[str, Any]) -> comparison.Values:
    """As a person's values are named, with network and access point."""
    network = tuple(row[name] for name in NETWORK)
    found = {
        "network": (row["network_name"],),
        "access_point": (row["access_point"] or end_network.bssid_text(row[BSSID]),),
        "connection_type": (row["connection_type"],),
        "wifi_band": (row["wifi_band"],),
        "subnet": (row["subnet"],),
        "transport": (row["network_transport_protocol"],),
        "relay": (relay(network),),
        "device": tuple(row[name] for name in DEVICE),
    }
    named = ((name, frozenset(value[:LONGEST] for value in some if value)) for name, some in found.items())
    return tuple((name, some) for name, some in named if some)
