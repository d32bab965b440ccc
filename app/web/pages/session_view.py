"""One session as a page shows it: both ends side by side, and each stream beside Microsoft's limits. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from app.web.pages import reasons, words

Part = dict[str, Any]


class Pair(NamedTuple):
    """One line of the comparison of both ends."""

    text: str
    caller: str
    callee: str


class Head(NamedTuple):
    text: str
    limit: str


class Cell(NamedTuple):
    text: str
    is_poor: bool = False


class Stream(NamedTuple):
    direction: str
    quality: str
    due_to: str
    codec: str
    cells: list[Cell]


class Media(NamedTuple):
    kind: str
    label: str
    quality: str
    network: list[Pair]
    devices: list[Pair]
    heads: list[Head]
    streams: list[Stream]


class Segment(NamedTuple):
    part: Part
    media: list[Media]


_ENDS = (
    ("Client", "user_agent_platform", ""),
    ("Product", "user_agent_product_family", ""),
    ("Version", "user_agent_application_version", ""),
    ("Role", "user_agent_role", ""),
    ("Computer", "name", ""),
    ("Processor", "cpu_name", ""),
    ("Cores", "cpu_cores_count", "count"),
    ("Rated", "feedback_rating", ""),
    ("Wrote", "feedback_text", ""),
)
_NETWORK = (
    ("Connection", "connection_type", ""),
    ("Wifi band", "wifi_band", ""),
    ("Wifi radio", "wifi_radio_type", ""),
    ("Wifi signal", "wifi_signal_strength", "of 100"),
    ("Wifi channel", "wifi_channel", ""),
    ("Access point", "basic_service_set_identifier", ""),
    ("Link speed", "link_speed", "bit/s"),
    ("Transport", "network_transport_protocol", ""),
    ("Subnet", "subnet", ""),
    ("Address", "ip_address", ""),
    ("Seen from outside", "reflexive_ip_address", ""),
    ("Relay", "relay_ip_address", ""),
    ("Domain", "dns_suffix", ""),
    ("Low bandwidth", "bandwidth_low_event_ratio", "share"),
    ("Delayed", "delay_event_ratio", "share"),
    ("Received badly", "received_quality_event_ratio", "share"),
    ("Sent badly", "sent_quality_event_ratio", "share"),
)
_DEVICES = (
    ("Microphone", "capture_device_name", ""),
    ("Speaker", "render_device_name", ""),
    ("Microphone's driver", "capture_device_driver", ""),
    ("Speaker's driver", "render_device_driver", ""),
    ("Microphone silent", "capture_not_functioning_event_ratio", "share"),
    ("Speaker silent", "render_not_functioning_event_ratio", "share"),
    ("Muted", "render_mute_event_ratio", "share"),
    ("Glitches", "device_glitch_event_ratio", "share"),
    ("Clipped", "device_clipping_event_ratio", "share"),
    ("Howling", "howling_event_count", "count"),
    ("Too little processor", "cpu_insufficent_event_ratio", "share"),
    ("Speech too quiet", "low_speech_level_event_ratio", "share"),
    ("Speech in noise", "low_speech_to_noise_event_ratio", "share"),
)
_AUDIO = (
    ("Round trip", "average_round_trip_time", "s", "averageRoundTripTime"),
    ("longest", "max_round_trip_time", "s", ""),
    ("Packet loss", "average_packet_loss_rate", "share", "averagePacketLossRate"),
    ("most", "max_packet_loss_rate", "share", ""),
    ("Jitter", "average_jitter", "s", "averageJitter"),
    ("most", "max_jitter", "s", ""),
    ("Concealed", "average_ratio_of_concealed_samples", "share", ""),
    ("Packets", "packet_utilization", "count", ""),
)
_PICTURES = (
    ("Frames lost", "average_video_frame_loss_percentage", "percent", "averageVideoFrameLossPercentage"),
    ("Frame rate", "average_video_frame_rate", "per second", "averageVideoFrameRate"),
    (
        "Loss after correction",
        "post_forward_error_correction_packet_loss_rate",
        "share",
        "postForwardErrorCorrectionPacketLossRate",
    ),
    ("Round trip", "average_round_trip_time", "s", ""),
    ("Jitter", "average_jitter", "s", ""),
    ("Frozen", "average_freeze_duration", "s", ""),
    ("Bandwidth", "average_bandwidth_estimate", "bit/s", ""),
    ("Packets", "packet_utilization", "count", ""),
)
_DIRECTIONS = {"callerToCallee": "caller → callee", "calleeToCaller": "callee → caller"}


_NOTHING = {None, ""}


def ends(session: Part) -> list[Pair]:
    """What is known of both ends, but for who they are."""
    return _pairs(session, "", _ENDS)


def segments(session: Part) -> list[Segment]:
    """The segments with their media, the poor media first."""
    return [Segment(part, sorted(map(_media, part["media"]), key=_poor_first)) for part in session["segments"]]


def _media(part: Part) -> Media:
    label = part["label"]
    kind = reasons.kind_of(label)
    columns = _AUDIO if kind == "audio" else _PICTURES
    return Media(
        reasons.KINDS[kind],
        label or "",
        part["quality"] or "unknown",
        _pairs(part, "network_", _NETWORK),
        _pairs(part, "device_", _DEVICES),
        [Head(text, _limit(metric, label, unit)) for text, _, unit, metric in columns],
        sorted((_stream(one, label, columns) for one in part["streams"]), key=_poor_first),
    )


def _stream(stream: Part, label: str | None, columns: Iterable[tuple[str, str, str, str]]) -> Stream:
    poor = set((stream["poor_due_to"] or "").split(","))
    cells = [
        Cell(reasons.written(stream[column], unit), bool(metric) and metric in poor)
        for _, column, unit, metric in columns
    ]
    direction = stream["stream_direction"] or "unknown"
    codec = stream["audio_codec"] if reasons.kind_of(label) == "audio" else stream["video_codec"]
    return Stream(
        _DIRECTIONS.get(direction, direction),
        stream["quality"] or "unknown",
        reasons.due_to(stream["poor_due_to"]),
        codec or words.NOTHING,
        cells,
    )


def _limit(metric: str, label: str | None, unit: str) -> str:
    limit = reasons.limit_of(metric, label) if metric else None
    if limit is None:
        return ""
    return f"{'≥' if reasons.METRICS[metric].is_least else '≤'} {reasons.written(limit, unit)}"


def _pairs(part: Part, group: str, rows: Iterable[tuple[str, str, str]]) -> list[Pair]:
    """The lines in which either end says something."""
    found = ((text, part[f"caller_{group}{name}"], part[f"callee_{group}{name}"], unit) for text, name, unit in rows)
    return [
        Pair(text, _said(one, unit), _said(other, unit))
        for text, one, other, unit in found
        if one not in _NOTHING or other not in _NOTHING
    ]


def _said(value: Any, unit: str) -> str:
    if unit == "of 100" and value is not None:
        return f"{value} of 100"
    return reasons.written(value if value != "" else None, unit)


def _poor_first(part: Media | Stream) -> bool:
    return part.quality != "poor"
