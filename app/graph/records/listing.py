"""Graph's list of call records in a time range, page by page."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from app import ids, wire
from app.graph import times
from app.graph.errors import BadResponse
from app.graph.parts import Listed, Organizer
from app.graph.records.record import COLLECTION
from app.graph.transport.paging import Astray, Pages

LONGEST = 300  # characters of an organizer's id, name or address; longer ones are left out


def address(base: str, since: datetime, until: datetime | None) -> str:
    """The list of the records whose call started in the range [since, until)."""
    # https://learn.microsoft.com/graph/api/callrecords-cloudcommunications-list-callrecords
    span = f"startDateTime ge {times.written(since)}"
    if until is not None:
        span += f" and startDateTime lt {times.written(until)}"
    return f"{base}/{COLLECTION}?$filter={span.replace(' ', '%20')}"


async def listed(pages: Pages, url: str) -> AsyncGenerator[list[Listed], None]:
    """Each page's entries; BadResponse where the list cannot be followed to its end."""
    try:
        async with aclosing(pages.whole(url)) as each_page:
            async for rows in each_page:
                yield [_entry(row) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
    except Astray as astray:
        raise BadResponse(f"the list of call records breaks off: {astray}") from astray


def _entry(row: dict[str, Any]) -> Listed:
    return Listed(
        ids.call_id(row["id"]),
        _version(row.get("version")),
        times.read(row.get("startDateTime")),
        times.read(row.get("endDateTime")),
        _organizer(row),
    )


def _organizer(row: dict[str, Any]) -> Organizer | None:
    """organizer_v2, or the older organizer; None without an id."""
    newer = row.get("organizer_v2")
    for identities in (newer.get("identity") if isinstance(newer, dict) else None, row.get("organizer")):
        for identity in identities.values() if isinstance(identities, dict) else ():
            if isinstance(identity, dict) and (an_id := _text(identity.get("id"))):
                return Organizer(an_id, _text(identity.get("displayName")), _text(identity.get("userPrincipalName")))
    return None


def _text(value: object) -> str | None:
    """Without characters that a database or a terminal refuses; None where nothing is left, or too much."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    return "".join(character for character in value if character.isprintable()).strip() or None


def _version(value: object) -> int:
    return max(wire.integer(value) or 0, 0)
