"""One person's own ends of some calls: with what they took part, and how the streams of these ends went."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Join, Select, Table, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.facets import DEVICE, END, LONGEST, NETWORK, NONE, Streams, Value, relay
from app.archive.models import media, segments, streams
from app.archive.traits import Used

CHUNK = 500  # calls in one statement
SIDES = ("caller", "callee")
SEGMENT = ("call_key", "session_position", "segment_position")
MEDIA = (*SEGMENT, "media_position")

Place = tuple[Any, ...]
Codecs = tuple[Value, Value]

s, m, t = segments.c, media.c, streams.c


class Known(NamedTuple):
    """By what a person's ends are known, all folded."""

    ids: Collection[str]
    principal_names: Collection[str]  # of those that have no id


async def used(db: AsyncConnection, at: Mapping[int, datetime], known: Known) -> list[Used]:
    """One for each media of the person in the calls ``at`` and each codec there; one for a segment without media."""
    keys = sorted(at)
    found: list[Used] = []
    for start in range(0, len(keys), CHUNK):
        for side in SIDES:
            mine = and_(s.call_key.in_(keys[start : start + CHUNK]), _is(side, known))
            counts = await _streams(db, mine)
            for row in await db.execute(_ends(side, mine)):
                found += _used(at[row[0]], tuple(row), counts.get(tuple(row[:4]), {}))
    return found


def _is(side: str, known: Known) -> ColumnElement[bool]:
    named = (("id", known.ids), ("user_principal_name", known.principal_names))
    return or_(*(func.lower(s[f"{side}_identity_{name}"]).in_(sorted(texts)) for name, texts in named if texts))


def _ends(side: str, mine: ColumnElement[bool]) -> Select[Any]:
    columns = (
        *(s[f"{side}_{name}"] for name in END[1:]),
        *(m[f"{side}_network_{name}"] for name in NETWORK),
        *(m[f"{side}_device_{name}"] for name in DEVICE),
    )
    places = (*(s[name] for name in SEGMENT), m.media_position)
    return select(*places, *columns).select_from(_below(media, outer=True)).where(mine)


async def _streams(db: AsyncConnection, mine: ColumnElement[bool]) -> Mapping[Place, dict[Codecs, Streams]]:
    """Of each media of these segments, by audio and video codec."""
    judged = func.sum(case((t.quality != "unknown", 1), else_=0))
    poor = func.sum(case((t.quality == "poor", 1), else_=0))
    by = (*(t[name] for name in MEDIA), t.audio_codec, t.video_codec)
    wanted = select(*by, func.count(), judged, poor).select_from(_below(streams)).where(mine).group_by(*by)
    found: defaultdict[Place, dict[Codecs, Streams]] = defaultdict(dict)
    for *place, audio, video, count, of_them_judged, of_them_poor in await db.execute(wanted):
        found[tuple(place)][audio, video] = Streams(count, of_them_judged, of_them_poor)
    return found


def _below(table: Table, *, outer: bool = False) -> Join:
    return segments.join(table, and_(*(table.c[name] == s[name] for name in SEGMENT)), isouter=outer)


def _used(at: datetime, row: Place, counts: Mapping[Codecs, Streams]) -> Iterator[Used]:
    values = _values(row[4:7], row[7:12], row[12:])
    for codecs, count in (counts or {(None, None): NONE}).items():
        yield Used(row[0], at, {**values, **_known(codec=codecs)}, count)


def _values(agent: Sequence[Value], network: Sequence[Value], device: Sequence[Value]) -> dict[str, frozenset[str]]:
    platform, family, version = agent
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
    )


def _known(**values: Sequence[Value]) -> dict[str, frozenset[str]]:
    found = {name: frozenset(value[:LONGEST] for value in some if value) for name, some in values.items()}
    return {name: some for name, some in found.items() if some}
