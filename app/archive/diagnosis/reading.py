"""Reads the detail that a diagnosis needs: of one call, or of some sessions of many calls.

The parts have the shape that ``stored_calls.call`` returns, with fewer columns.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.detail.wanted import Wanted
from app.archive.diagnosis.legs import IDENTITY, SIDES
from app.archive.queries.filters import Filters
from app.archive.queries.stored_calls import EVERYTHING, head
from app.archive.schema.site_tables import endpoint_sites
from app.archive.schema.tables import SESSIONS
from app.ids import CallId

Sessions = list[dict[str, Any]]
Place = tuple[int, int]
"""A call's key and the position of one of its sessions."""
Rows = Mapping[str, Iterable[Sequence[Any]]]
"""Of each table the rows: the positions, then the values of ``COLUMNS``."""

_END = ("type", *(f"identity_{name}" for name in IDENTITY), "user_agent_role", "feedback_rating", "feedback_tokens")
_PART = (
    "start_date_time",
    "end_date_time",
    "failure_stage",
    "failure_reason",
    *(f"{side}_{name}" for side in SIDES for name in _END),
)
_NETWORK = (
    "connection_type",
    "wifi_band",
    "wifi_signal_strength",
    "wifi_channel",
    "basic_service_set_identifier",
    "link_speed",
    "network_transport_protocol",
    "relay_ip_address",
    "ip_address",
    "subnet",
    "bandwidth_low_event_ratio",
)
_DEVICE = (
    "capture_device_name",
    "render_device_name",
    "capture_not_functioning_event_ratio",
    "render_not_functioning_event_ratio",
    "render_zero_volume_event_ratio",
    "render_mute_event_ratio",
    "device_glitch_event_ratio",
    "device_clipping_event_ratio",
    "cpu_insufficent_event_ratio",
    "low_speech_level_event_ratio",
    "low_speech_to_noise_event_ratio",
    "howling_event_count",
)
_STREAM = (
    "stream_direction",
    "quality",
    "poor_due_to",
    "packet_utilization",
    "average_bandwidth_estimate",
    "average_round_trip_time",
    "average_packet_loss_rate",
    "average_jitter",
    "average_audio_degradation",
    "average_ratio_of_concealed_samples",
    "average_video_frame_loss_percentage",
    "average_video_frame_rate",
    "post_forward_error_correction_packet_loss_rate",
)
COLUMNS: dict[str, tuple[str, ...]] = {
    "sessions": _PART,
    "segments": _PART,
    "media": (
        "label",
        *(f"{side}_network_{name}" for side in SIDES for name in _NETWORK),
        *(f"{side}_device_{name}" for side in SIDES for name in _DEVICE),
    ),
    "streams": _STREAM,
    "trace_route_hops": ("hop_count", "round_trip_time"),
}
MEDIA = ("call_key", "session_position", "segment_position", "media_position")
_WANTED = tuple(Wanted(table, COLUMNS[table.name]) for table in SESSIONS)


async def call(db: AsyncConnection, call_id: CallId, filters: Filters = EVERYTHING) -> dict[str, Any] | None:
    """The call's summary with its ``sessions``; None where the archive has no such call of these tenants."""
    found = await head(db, call_id, filters)
    if found is None:
        return None
    key, summary = found
    return summary | {"sessions": await sessions_of(db, key)}


async def sessions_of(db: AsyncConnection, call_key: int) -> Sessions:
    rows = await (await reading.of_call(db, call_key)).rows(_WANTED)
    return nested(await _with_vpn(db, [call_key], rows)).get(call_key, [])


async def some_sessions(db: AsyncConnection, places: Collection[Place]) -> dict[int, Sessions]:
    """These sessions by the key of their call."""
    rows = await reading.of_sessions(db, places, _WANTED)
    return nested(await _with_vpn(db, sorted({key for key, _ in places}), rows))


async def _with_vpn(db: AsyncConnection, keys: Sequence[int], rows: Rows) -> Rows:
    """An end in a VPN network of the building file is in a tunnel: its adapter often reports a cable, or nothing."""
    e = endpoint_sites.c
    wanted = select(*(e[name] for name in MEDIA), e.side).where(e.call_key.in_(keys), e.vpn == true())
    found = {tuple(row) for row in await db.execute(wanted)}
    return {**rows, "media": [_over_vpn(tuple(row), found) for row in rows["media"]]} if found else rows


def _over_vpn(row: tuple[Any, ...], found: Collection[tuple[Any, ...]]) -> tuple[Any, ...]:
    """A row of media; Wi-Fi below the VPN explains more and stays."""
    values = list(row)
    for side in SIDES:
        column = len(MEDIA) + COLUMNS["media"].index(f"{side}_network_connection_type")
        if (*row[: len(MEDIA)], side) in found and values[column] in (None, "wired", "unknown"):
            values[column] = "tunnel"
    return tuple(values)


def nested(rows: Rows) -> dict[int, Sessions]:
    """The sessions of each call with segments, media and streams inside, in the order of their positions."""
    hops = _parts(rows["trace_route_hops"], "trace_route_hops", 6)
    by_side = {side: {place[:-1]: found for place, found in hops.items() if place[-1] == side} for side in SIDES}
    found = _parts(
        rows["media"],
        "media",
        4,
        streams=_parts(rows["streams"], "streams", 5),
        **{f"{side}_network_trace_route_hops": by_side[side] for side in SIDES},
    )
    of_sessions = _parts(rows["sessions"], "sessions", 2, segments=_parts(rows["segments"], "segments", 3, media=found))
    return {call_key: parts for (call_key,), parts in of_sessions.items()}


def _parts(rows: Iterable[Sequence[Any]], table: str, width: int, **below: Mapping[Any, Any]) -> dict[Any, Sessions]:
    """The parts of each parent; the first ``width`` values of a row are positions, which start with the call's key."""
    names = COLUMNS[table]
    found: defaultdict[tuple[Any, ...], Sessions] = defaultdict(list)
    for row in rows:
        place = tuple(row[:width])
        part = dict(zip(names, row[width:], strict=True))
        for name in ("caller_feedback_tokens", "callee_feedback_tokens"):
            if part.get(name):
                part[name] = orjson.loads(part[name])
        if table == "sessions":
            part["session_position"] = place[-1]
        for name, children in below.items():
            part[name] = children.get(place, [])
        found[place[:-1]].append(part)
    return found
