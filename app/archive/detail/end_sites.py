"""Where both ends of each media of a call were, by the building file."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.site_tables import endpoint_sites

COLUMNS = ("site", "network_name", "inside", "vpn", "method", "access_point")
UNKNOWN: dict[str, Any] = {"caller_site": None, "callee_site": None}
"""Of a media of which neither end was found in a list."""

e = endpoint_sites.c


async def of_call(
    db: AsyncConnection, call_key: int, first: int = 0, last: int | None = None
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """``caller_site`` and ``callee_site`` by the position of the media, of sessions from one position to another."""
    places = (e.session_position, e.segment_position, e.media_position)
    wanted = select(*places, e.side, *(e[name] for name in COLUMNS)).where(e.call_key == call_key)
    if last is not None:
        wanted = wanted.where(e.session_position.between(first, last))
    found: defaultdict[tuple[Any, ...], dict[str, Any]] = defaultdict(UNKNOWN.copy)
    for *place, side, site, network_name, inside, vpn, method, access_point in await db.execute(wanted):
        values = (site, network_name, inside, vpn, method, access_point)
        found[tuple(place)][f"{side}_site"] = dict(zip(COLUMNS, values, strict=True))
    return found
