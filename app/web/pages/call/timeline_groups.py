"""The lanes of a timeline in groups, so that hundreds of people stay readable: by how it went, or by client. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from app.web.pages.call.timeline import Lane, Span
from app.web.pages.shared import enum_labels

MANY = 40  # lanes; fewer are one group without a head
BY = {"quality": "how it went", "client": "client"}
SHOWN = {"": "everybody", "poor": "poor or failed"}


class Group(NamedTuple):
    """``text`` is empty for the only one; ``telling`` counts those with poor streams or a failure."""

    text: str
    lanes: list[Lane]
    is_open: bool
    telling: int


def grouped(lanes: Sequence[Lane], by: str | None = None) -> list[Group]:
    """Those with something to tell first and open; the others folded where there are many."""
    if by not in BY:
        if len(lanes) <= MANY:
            return [Group("", list(lanes), True, _telling(lanes))] if lanes else []  # noqa: FBT003 -- a field
        by = "quality"
    found: defaultdict[str, list[Lane]] = defaultdict(list)
    for lane in lanes:
        found[_KEYS[by](lane)].append(lane)
    order = sorted(found, key=lambda text: (_OUTCOMES.get(text, 0), -_telling(found[text]), -len(found[text]), text))
    few = len(lanes) <= MANY
    return [
        Group(text, found[text], few or place == 0 or bool(_telling(found[text]) and by == "quality"), telling)
        for place, text in enumerate(order)
        for telling in [_telling(found[text])]
    ]


def zoomed(asked: Mapping[str, str], full: Span) -> Span:
    """The part of the call between two offsets (65, 1:05 or 1:01:05); all of it where they make no sense."""
    try:
        first, last = (_seconds(asked[name]) for name in ("zoom_from", "zoom_to"))
        part = Span(full.start + timedelta(seconds=first), full.start + timedelta(seconds=last))
    except (KeyError, ValueError, OverflowError):
        return full
    return part if full.start <= part.start < min(part.end, full.end) else full


def _seconds(text: str) -> float:
    seconds = 0.0
    for part in text.strip().split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def _telling(lanes: Sequence[Lane]) -> int:
    return sum(lane.is_telling for lane in lanes)


def _outcome(lane: Lane) -> str:
    if lane.quality == "poor":
        return "with poor streams"
    return "failed" if lane.failed else "good" if lane.quality == "good" else "not judged"


def _client(lane: Lane) -> str:
    return ", ".join(sorted(map(enum_labels.in_words, lane.platforms))) or "client not known"


_OUTCOMES = {"with poor streams": -4, "failed": -3, "good": -2, "not judged": -1}
_KEYS: dict[str, Callable[[Lane], str]] = {"quality": _outcome, "client": _client}
