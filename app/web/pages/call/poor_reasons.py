"""Why a call was bad, in words: Microsoft's metrics as people call them, their limits, and what to look at. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from app.archive.parse.quality_rules import DEFAULT, Limit, RuleSet
from app.web.pages.shared import formatting

UNTOLD = 2**32 - 1  # bits in a second
KINDS = {"audio": "audio", "video": "video", "screen": "screen sharing"}


class Metric(NamedTuple):
    """A metric to which a poor stream may be due: its name for people, its unit, and what to look at."""

    text: str
    advice: str


_LOSS = "Packets were lost on the way: look at the wifi signal, the VPN, or a busy line."
_JITTER = "Packets came unevenly: look at the wifi, or at other traffic on the same line."
_DELAY = "Packets took long: look at the VPN, the relay, and where the two ends are."
_VIDEO = "The video could not be kept up: look at the bandwidth and at the computer's load."

METRICS: dict[str, Metric] = {
    "averageRoundTripTime": Metric("round trip", _DELAY),
    "averagePacketLossRate": Metric("packet loss", _LOSS),
    "averageJitter": Metric("jitter", _JITTER),
    "averageAudioDegradation": Metric("degradation", _LOSS),
    "averageRatioOfConcealedSamples": Metric("concealed samples", _LOSS),
    "averageVideoFrameLossPercentage": Metric("frame loss", _VIDEO),
    "averageVideoFrameRate": Metric("frame rate", _VIDEO),
    "postForwardErrorCorrectionPacketLossRate": Metric("packet loss after correction", _LOSS),
}


class Why(NamedTuple):
    text: str
    streams: int
    advice: str


def why(poor: Iterable[Counter[tuple[str, str]]]) -> list[Why]:
    """What the poor streams of these sessions were due to, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in poor:
        for (label, due_to), streams in one.items():
            for metric in filter(None, due_to.split(",")):
                counts[KINDS[kind_of(label)] if label else "a stream's", metric] += streams
    return [
        Why(f"{kind} {in_words(metric)}", streams, METRICS[metric].advice if metric in METRICS else "")
        for (kind, metric), streams in counts.most_common()
    ]


def in_words(metric: str) -> str:
    """Graph's name of a metric as people say it; one that we do not know as it is."""
    return METRICS[metric].text if metric in METRICS else metric


def due_to(text: str | None) -> str:
    """``poor_due_to`` of a stream in words: packet loss and jitter."""
    return " and ".join(in_words(metric) for metric in (text or "").split(",") if metric)


def kind_of(label: str | None) -> str:
    """audio, video or screen, by a media's label."""
    name = (label or "").lower()
    if name.endswith("audio"):
        return "audio"
    return "screen" if "applicationsharing" in name else "video"


def limit_of(metric: str, label: str | None, rules: RuleSet = DEFAULT) -> Limit | None:
    """The rule set's limit for that metric of a stream of this media; None where it has none."""
    of_kind = {
        "audio": (rules.audio,),
        "video": (rules.video,),
        "screen": (rules.screen_inbound, rules.screen_outbound, rules.screen_between),
    }
    found = (limit for one in of_kind[kind_of(label)] for limit in one.limits if limit.metric == metric)
    return next(found, None)


def written(value: Any, unit: str) -> str:
    """A measured value with its unit."""
    if value is None:
        return formatting.NOTHING
    return _WRITTEN[unit](value) if unit in _WRITTEN else f"{value:g}" if isinstance(value, int | float) else str(value)


def _seconds(value: float) -> str:
    return f"{formatting.number(value * 1000)} ms" if value < 10 else formatting.duration(value)


def _share(value: float) -> str:
    return f"{100 * value:.2g} %" if 0 < value < 0.1 else f"{100 * value:.0f} %"


def _link(value: float) -> str:
    """A client that cannot tell says the most that 32 bits can hold, and a server nothing."""
    return formatting.NOTHING if value in {0, UNTOLD} else _bits(value)


def _bits(value: float) -> str:
    return formatting.size(value).removesuffix("B") + "bit/s"


_WRITTEN: dict[str, Callable[[float], str]] = {
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
