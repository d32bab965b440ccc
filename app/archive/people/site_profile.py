"""What the people at one site used in the newest calls, and what their poor streams have in common."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.call_dimensions import DEVICE, NETWORK, NONE, Streams, relay
from app.archive.people import comparison
from app.archive.people.comparison import Comparison, Used
from app.archive.people.endpoints import MEDIA, SIDES
from app.archive.queries.filters import Filters
from app.archive.schema.dimensions import LONGEST
from app.archive.schema.site_tables import endpoint_sites
from app.archive.schema.tables import call_records, media, streams
from app.archive.sites import end_network

CALLS = 300  # the newest: more show nothing else, and take longer
ENOUGH = 3  # calls with a value, and as many without it

c, e = call_records.c, endpoint_sites.c
BSSID = "basic_service_set_identifier"


@dataclass(frozen=True, slots=True)
class Profile:
    calls: int
    """How many of the newest calls were read."""
    compared: Comparison


async def profile(db: AsyncConnection, site: str, filters: Filters) -> Profile:
    """Of the ends that were at the site, in calls of the filters' range that have detail rows."""
    wanted = (
        select(c.key, c.ordered_at)
        .where(c.has_detail, *filters.conditions())
        .order_by(c.ordered_at.desc(), c.key.desc())
    )
    at: dict[int, datetime] = {row.key: row.ordered_at for row in await db.execute(wanted.limit(CALLS))}
    if not at:
        return Profile(0, comparison.compared([]))
    counts = await _streams(db, list(at))
    used = [
        Used(row.call_key, at[row.call_key], _values(dict(row._mapping)), counts.get(tuple(row[:4]), NONE))  # noqa: SLF001 -- SQLAlchemy's
        for row in await db.execute(_ends(list(at), site))
    ]
    return Profile(len(at), comparison.compared(used, enough=ENOUGH))


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
