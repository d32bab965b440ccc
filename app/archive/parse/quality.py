"""Good, poor or unknown: Microsoft's own classification of a stream, and what it makes of a call.

Source: https://learn.microsoft.com/microsoftteams/stream-classification-in-call-quality-dashboard
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

Quality = Literal["good", "poor", "unknown"]
Verdict = tuple[Quality, str | None]
"""The quality, and the metrics (Graph's names, comma-separated) to which a poor one is due."""

UNKNOWN: Verdict = ("unknown", None)
GOOD: Verdict = ("good", None)

AUDIO_PACKETS_ABOVE = 500  # fewer say nothing: a muted listener, a very short call
AUDIO_LIMITS = (
    ("averageRoundTripTime", "average_round_trip_time", 0.5),  # seconds
    ("averagePacketLossRate", "average_packet_loss_rate", 0.1),
    ("averageJitter", "average_jitter", 0.03),  # seconds
)
FRAME_LOSS_LIMIT = 50.0  # percent
FRAME_RATE_LIMIT = {"video": 7.0, "screen": 2.0}  # frames a second, at least
PACKET_LOSS_LIMIT = 0.15  # after forward error correction


def of_stream(label: str | None, stream: Mapping[str, Any]) -> Verdict:
    """The verdict on one stream, by its media's label and its columns."""
    return judge_for(label)(stream)


def judge_for(label: str | None) -> Callable[[Mapping[str, Any]], Verdict]:
    """The judge for all streams of a media with this label."""
    name = (label or "").lower()
    if name.endswith("audio"):
        return audio
    if "applicationsharing" in name:
        return screen
    return video if "video" in name else nothing


def audio(stream: Mapping[str, Any]) -> Verdict:
    """Poor if any of three is above its limit, good if at least one is known and none is."""
    if (stream["packet_utilization"] or 0) <= AUDIO_PACKETS_ABOVE:
        return UNKNOWN
    known = [(name, stream[column], limit) for name, column, limit in AUDIO_LIMITS if stream[column] is not None]
    above = [name for name, value, limit in known if value > limit]
    if above:
        return "poor", ",".join(above)
    return GOOD if known else UNKNOWN


def video(stream: Mapping[str, Any]) -> Verdict:
    return _pictures(stream, FRAME_RATE_LIMIT["video"])


def screen(stream: Mapping[str, Any]) -> Verdict:
    return _pictures(stream, FRAME_RATE_LIMIT["screen"])


def nothing(_: Mapping[str, Any]) -> Verdict:
    return UNKNOWN


def rolled_up(qualities: Iterable[str | None]) -> Quality:
    """Poor if any is, good if any is good and none poor, else unknown."""
    given = set(qualities)
    if "poor" in given:
        return "poor"
    return "good" if "good" in given else "unknown"


def _pictures(stream: Mapping[str, Any], least_frame_rate: float) -> Verdict:
    """The first known of three decides alone."""
    frame_loss = stream["average_video_frame_loss_percentage"]
    if frame_loss is not None:
        return _verdict("averageVideoFrameLossPercentage", poor=frame_loss > FRAME_LOSS_LIMIT)
    frame_rate = stream["average_video_frame_rate"]
    if frame_rate is not None:
        return _verdict("averageVideoFrameRate", poor=frame_rate < least_frame_rate)
    packet_loss = stream["post_forward_error_correction_packet_loss_rate"]
    if packet_loss is not None:
        return _verdict("postForwardErrorCorrectionPacketLossRate", poor=packet_loss > PACKET_LOSS_LIMIT)
    return UNKNOWN


def _verdict(metric: str, *, poor: bool) -> Verdict:
    return ("poor", metric) if poor else GOOD
