"""Good, poor or unknown: the verdict of a rule set on a stream, and what the verdicts make of a call. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from app.archive.parse.quality_rules import DEFAULT, Limit, Rules, RuleSet

Quality = Literal["good", "poor", "unknown"]
Verdict = tuple[Quality, str | None]
"""The quality, and the metrics (Graph's names, comma-separated) to which a poor one is due."""
Judge = Callable[[Mapping[str, Any]], Verdict]
"""Gives the verdict on one stream, by its columns."""

UNKNOWN: Verdict = ("unknown", None)
GOOD: Verdict = ("good", None)
FULL_SCREEN_CODEC = "h264s"  # the codec of screen sharing that CQD judges by frame rate, whichever way it flows


class Services(NamedTuple):
    """Which ends of a stream are services of Microsoft, such as a media server, and not clients."""

    caller: bool
    callee: bool


CLIENTS = Services(caller=False, callee=False)


def judge_for(label: str | None, rules: RuleSet = DEFAULT, services: Services = CLIENTS) -> Judge:
    """The judge for all streams of a media with this label, between these ends."""
    name = (label or "").lower()
    if name.endswith("audio"):
        return lambda stream: verdict(stream, rules.audio)
    if "applicationsharing" in name:
        return lambda stream: verdict(stream, _of_screen(stream, rules, services))
    return (lambda stream: verdict(stream, rules.video)) if "video" in name else lambda _: UNKNOWN


def verdict(stream: Mapping[str, Any], rules: Rules) -> Verdict:
    """Unknown where there are too few packets, or where no metric is known that decides."""
    if rules.packets_above is not None and (stream["packet_utilization"] or 0) <= rules.packets_above:
        return UNKNOWN
    known = [(limit, stream[limit.column]) for limit in rules.limits if stream[limit.column] is not None]
    beyond = [limit.metric for limit, value in known[: 1 if rules.first_known else None] if _is_beyond(value, limit)]
    if beyond:
        return "poor", ",".join(beyond)
    return GOOD if known else UNKNOWN


def rolled_up(qualities: Iterable[str | None]) -> Quality:
    """Poor if any is, good if any is good and none poor, else unknown."""
    given = set(qualities)
    if "poor" in given:
        return "poor"
    return "good" if "good" in given else "unknown"


def _of_screen(stream: Mapping[str, Any], rules: RuleSet, services: Services) -> Rules:
    """CQD's inbound is towards the client. Graph only says from which end to which a stream flows."""
    if (stream["video_codec"] or "").lower() == FULL_SCREEN_CODEC:
        return rules.screen_outbound
    direction = stream["stream_direction"]
    if services.caller == services.callee or direction not in {"callerToCallee", "calleeToCaller"}:
        return rules.screen_between
    is_to_service = services.callee if direction == "callerToCallee" else services.caller
    return rules.screen_outbound if is_to_service else rules.screen_inbound


def _is_beyond(value: float, limit: Limit) -> bool:
    """Comparisons are strict: the limit itself is good."""
    return value < limit.value if limit.is_least else value > limit.value
