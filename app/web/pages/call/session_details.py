"""One session as a page shows it: caller and callee side by side, each stream beside Microsoft's thresholds. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.archive.diagnosis.legs import kind_of
from app.archive.diagnosis.symptoms import limit_of
from app.archive.parse.quality_rules import RuleSet, named
from app.archive.schema import graph_types
from app.web.pages.call import poor_reasons
from app.web.pages.call.session_fields import AUDIO, DEVICES, ENDPOINT, NETWORK, VIDEO, Line, Measure
from app.web.pages.shared import enum_labels, formatting
from app.web.pages.shared.enum_labels import Label

Part = dict[str, Any]


class Pair(NamedTuple):
    """One line of the comparison of caller and callee; ``graph_name`` is Graph's name of the property."""

    text: str
    caller: Label
    callee: Label
    graph_name: str = ""


class Head(NamedTuple):
    text: str
    limit: str
    graph_name: str


class Cell(NamedTuple):
    text: str
    is_poor: bool = False


class Stream(NamedTuple):
    direction: Label
    quality: str
    due_to: str
    codec: Label
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


_GRAPH = {
    field.column: field.property
    for field in (*graph_types.ENDPOINT, *graph_types.NETWORK, *graph_types.DEVICE, *graph_types.STREAM)
}
_NOTHING = ("", None)


def ends(session: Part) -> list[Pair]:
    """What Graph reports of both endpoints, without their identities."""
    rows = _pairs(session, "", ENDPOINT)
    tokens = [_tokens(session[f"{side}_feedback_tokens"]) for side in ("caller", "callee")]
    return (
        [*rows, Pair("Reported problems", tokens[0], tokens[1], "tokens")] if any(one.text for one in tokens) else rows
    )


def segments(session: Part) -> list[Segment]:
    """The segments with their media, poor media first."""
    rules = named(session["quality_rules"])
    return [
        Segment(part, sorted((_media(one, rules) for one in part["media"]), key=_poor_first))
        for part in session["segments"]
    ]


def _tokens(tokens: Any) -> Label:
    """The problems that a participant ticked with the rating."""
    ticked = [name for name, is_ticked in tokens.items() if is_ticked is True] if isinstance(tokens, dict) else []
    return Label(", ".join(map(enum_labels.member_text, ticked)))


def _media(part: Part, rules: RuleSet) -> Media:
    label = part["label"]
    kind = kind_of(label)
    measures = _known(AUDIO if kind == "audio" else VIDEO, part["streams"])
    return Media(
        poor_reasons.KINDS[kind],
        label or "",
        part["quality"] or "unknown",
        [*_pairs(part, "network_", NETWORK), *_routes(part)],
        _pairs(part, "device_", DEVICES),
        [Head(one.text, _limit(_GRAPH[one.name], label, one.unit, rules), _GRAPH[one.name]) for one in measures],
        sorted((_stream(one, label, measures) for one in part["streams"]), key=_poor_first),
    )


def _known(measures: Iterable[Measure], streams: Sequence[Part]) -> list[Measure]:
    """Those that any stream has a value for, and those by which streams are rated."""
    return [one for one in measures if one.metric or any(stream[one.name] is not None for stream in streams)]


def _stream(stream: Part, label: str | None, measures: Iterable[Measure]) -> Stream:
    poor = set((stream["poor_due_to"] or "").split(","))
    codec = stream["audio_codec"] if kind_of(label) == "audio" else stream["video_codec"]
    return Stream(
        enum_labels.label(stream["stream_direction"] or "unknown"),
        stream["quality"] or "unknown",
        poor_reasons.due_to(stream["poor_due_to"]),
        enum_labels.label(codec),
        [Cell(poor_reasons.format_value(stream[one.name], one.unit), _GRAPH[one.name] in poor) for one in measures],
    )


def _limit(metric: str, label: str | None, unit: str, rules: RuleSet) -> str:
    limit = limit_of(metric, label, rules)
    if limit is None:
        return ""
    return f"{'≥' if limit.is_least else '≤'} {poor_reasons.format_value(limit.value, unit)}"


def _pairs(part: Part, group: str, lines: Iterable[Line]) -> list[Pair]:
    """The lines for which either endpoint has a value."""
    found = ((line, *(part[f"{side}_{group}{line.name}"] for side in ("caller", "callee"))) for line in lines)
    return [
        Pair(line.text, _value_label(one, line.unit), _value_label(other, line.unit), _GRAPH[line.name])
        for line, one, other in found
        if one not in _NOTHING or other not in _NOTHING
    ]


def _value_label(value: Any, unit: str) -> Label:
    if value in _NOTHING:
        return Label(formatting.NOTHING)
    return enum_labels.label(value) if unit == "member" else Label(poor_reasons.format_value(value, unit))


def _routes(part: Part) -> list[Pair]:
    """The hops that a client traced."""
    caller, callee = (_route(part[f"{side}_network_trace_route_hops"]) for side in ("caller", "callee"))
    return (
        [Pair("Trace route", caller, callee, "traceRouteHops")]
        if {caller.text, callee.text} != {formatting.NOTHING}
        else []
    )


def _route(hops: Sequence[Part]) -> Label:
    each = [
        f"{hop['ip_address'] or 'unknown hop'} ({poor_reasons.format_value(hop['round_trip_time'], 's')})"
        for hop in hops
    ]
    return Label(", ".join(each) or formatting.NOTHING)


def _poor_first(part: Media | Stream) -> bool:
    return part.quality != "poor"
