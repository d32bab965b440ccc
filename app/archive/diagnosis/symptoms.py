"""What was poor about streams: the worst value of each metric beyond its limit, and what that is a symptom of. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from app.archive.diagnosis.legs import Kind, Leg, Part, kind_of
from app.archive.diagnosis.measured import Measured, Quantity, measured
from app.archive.parse.quality_rules import Limit, RuleSet

Symptom = Literal["loss", "jitter", "delay", "frames"]

ORDER: tuple[Kind, ...] = ("audio", "video", "screen")  # a call without sound is worse than one without a picture


class _Metric(NamedTuple):
    symptom: Symptom
    quantity: Quantity


_METRICS = {
    one.quantity.name: one
    for one in (
        _Metric("loss", Quantity("averagePacketLossRate", "packet loss", "%", 100)),
        _Metric("jitter", Quantity("averageJitter", "jitter", "ms", 1000)),
        _Metric("delay", Quantity("averageRoundTripTime", "round trip", "ms", 1000)),
        _Metric("loss", Quantity("averageRatioOfConcealedSamples", "concealed samples", "%", 100)),
        _Metric("loss", Quantity("averageAudioDegradation", "degradation")),
        _Metric("frames", Quantity("averageVideoFrameLossPercentage", "frame loss", "%")),
        _Metric("frames", Quantity("averageVideoFrameRate", "frame rate", "frames/s")),
        _Metric("loss", Quantity("postForwardErrorCorrectionPacketLossRate", "packet loss after correction", "%", 100)),
    )
}
ALL: frozenset[Symptom] = frozenset(one.symptom for one in _METRICS.values())


class Worst(NamedTuple):
    """One metric of the poor streams of one kind of media: its worst value."""

    kind: Kind
    symptom: Symptom
    measured: Measured


def limit_of(metric: str, label: str | None, rules: RuleSet) -> Limit | None:
    """The rule set's threshold for that metric of a stream of this media; None where it has none."""
    of_kind = {
        "audio": (rules.audio,),
        "video": (rules.video,),
        "screen": (rules.screen_inbound, rules.screen_outbound, rules.screen_between),
    }
    found = (limit for one in of_kind[kind_of(label)] for limit in one.limits if limit.metric == metric)
    return next(found, None)


def worst(legs: Iterable[Leg], rules: RuleSet, *, received: bool, sent: bool) -> list[Worst]:
    """Of the streams that are poor: audio first, and of each kind in the order of the rule set's metrics."""
    found: dict[tuple[Kind, str], Worst] = {}
    for leg in legs:
        for stream in [*(leg.received if received else ()), *(leg.sent if sent else ())]:
            for one in _beyond(stream, leg, rules) if stream["quality"] == "poor" else ():
                key = (one.kind, one.measured.quantity.name)
                if key not in found or _is_worse(one.measured, found[key].measured):
                    found[key] = one
    names = list(_METRICS)
    return sorted(found.values(), key=lambda one: (ORDER.index(one.kind), names.index(one.measured.quantity.name)))


def _beyond(stream: Part, leg: Leg, rules: RuleSet) -> Iterable[Worst]:
    for name in filter(None, (stream["poor_due_to"] or "").split(",")):
        limit = limit_of(name, leg.label, rules)
        if name in _METRICS and limit and (value := stream.get(limit.column)) is not None:
            metric = _METRICS[name]
            yield Worst(
                leg.kind, metric.symptom, measured(metric.quantity, value, limit.value, is_least=limit.is_least)
            )


def _is_worse(one: Measured, other: Measured) -> bool:
    return one.value < other.value if one.is_least else one.value > other.value  # type: ignore[operator]
