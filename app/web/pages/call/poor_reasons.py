"""Why streams are rated poor: labels of Microsoft's metrics, and values with their units. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from app.archive.diagnosis.legs import kind_of
from app.web.pages.shared import formatting

UNKNOWN_SPEED = 2**32 - 1  # bit/s that a client reports when it does not know the link speed
KINDS = {"audio": "audio", "video": "video", "screen": "screen sharing"}


METRICS = {
    "averageRoundTripTime": "round-trip time",
    "averagePacketLossRate": "packet loss",
    "averageJitter": "jitter",
    "averageAudioDegradation": "degradation",
    "averageRatioOfConcealedSamples": "concealed samples",
    "averageVideoFrameLossPercentage": "frame loss",
    "averageVideoFrameRate": "frame rate",
    "postForwardErrorCorrectionPacketLossRate": "packet loss after FEC",
}


class Cause(NamedTuple):
    text: str
    streams: int


def causes(poor: Iterable[Counter[tuple[str, str]]]) -> list[Cause]:
    """What the poor streams of these sessions were due to, most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in poor:
        for (label, due_to), streams in one.items():
            for metric in filter(None, due_to.split(",")):
                counts[KINDS[kind_of(label)] if label else "stream", metric] += streams
    return [Cause(f"{kind} {metric_text(metric)}", streams) for (kind, metric), streams in counts.most_common()]


def metric_text(metric: str) -> str:
    """The label of Graph's metric; the name of one that is not in the table."""
    return METRICS.get(metric, metric)


def due_to(text: str | None) -> str:
    """``poor_due_to`` of a stream as text: round-trip time, packet loss and jitter."""
    *others, last = [metric_text(metric) for metric in (text or "").split(",") if metric] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def format_value(value: Any, unit: str) -> str:
    """A measured value with its unit."""
    if value is None:
        return formatting.NOTHING
    return _FORMATS[unit](value) if unit in _FORMATS else f"{value:g}" if isinstance(value, int | float) else str(value)


def _seconds(value: float) -> str:
    return f"{formatting.number(value * 1000)} ms" if value < 10 else formatting.duration(value)


def _share(value: float) -> str:
    return f"{100 * value:.2g} %" if 0 < value < 0.1 else f"{100 * value:.0f} %"


def _link(value: float) -> str:
    """A client that does not know the speed reports UNKNOWN_SPEED, a server 0."""
    return formatting.NOTHING if value in {0, UNKNOWN_SPEED} else _bits(value)


def _bits(value: float) -> str:
    return formatting.size(value).removesuffix("B") + "bit/s"


_FORMATS: dict[str, Callable[[float], str]] = {
    "s": _seconds,
    "share": _share,
    "percent": lambda value: f"{value:.1f} %",
    "per second": lambda value: f"{value:.1f} /s",
    "bit/s": _bits,
    "link": _link,
    "count": formatting.number,
    "times": lambda value: "once" if value == 1 else f"{formatting.number(value)} times" if value else "never",
    "dB": lambda value: f"{formatting.number(value)} dB".replace("-", "\u2212"),
    "score": lambda value: f"{value:.2f}",
    "of 100": lambda value: f"{formatting.number(value)} of 100",
    "yes": lambda value: "yes" if value else "no",
}
