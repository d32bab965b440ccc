"""The lanes of a timeline in groups, so that hundreds of participants stay readable: by quality or by client. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from app.archive.parse.identities.identifiers import folded
from app.archive.parse.identities.shown_name import shown_name
from app.web.pages.call.timeline import Lane, Period
from app.web.pages.shared import enum_labels

MANY = 40  # lanes; fewer are one group without a heading
GROUPINGS = {"quality": "Group by quality", "client": "Group by client"}
SHOWN = {"": "All participants", "poor": "Poor or failed", "back": "Left or dropped, and back"}
AT_ONCE = 50  # lanes of a group; more of them on request


class Group(NamedTuple):
    """``text`` is empty for a single group; ``problem_count`` counts lanes with poor streams or a failure."""

    text: str
    lanes: list[Lane]
    is_open: bool
    problem_count: int


def grouped(lanes: Sequence[Lane], by: str | None = None) -> list[Group]:
    """Groups with problems first and open; the others folded where there are many lanes."""
    if by not in GROUPINGS:
        if len(lanes) <= MANY:
            return [Group("", list(lanes), True, _problems(lanes))] if lanes else []  # noqa: FBT003 -- a field
        by = "quality"
    found: defaultdict[str, list[Lane]] = defaultdict(list)
    for lane in lanes:
        found[_KEYS[by](lane)].append(lane)
    order = sorted(found, key=lambda text: (_OUTCOMES.get(text, 0), -_problems(found[text]), -len(found[text]), text))
    few = len(lanes) <= MANY
    return [
        Group(text, found[text], few or index == 0 or bool(_problems(found[text]) and by == "quality"), problems)
        for index, text in enumerate(order)
        for problems in [_problems(found[text])]
    ]


def filtered(lanes: Sequence[Lane], show: str, text: str = "") -> list[Lane]:
    """Those of one of SHOWN whose name or address contains the text."""
    wanted, part = _TESTS.get(show), folded(text)
    return [lane for lane in lanes if (wanted is None or wanted(lane)) and part in _names(lane)]


def _names(lane: Lane) -> str:
    return folded(f"{shown_name(lane.identity)} {lane.identity.get('user_principal_name') or ''}")


def zoomed(parameters: Mapping[str, str], full: Period) -> Period:
    """The part of the call between two offsets (65, 1:05 or 1:01:05); the entire call where they are not valid."""
    try:
        first, last = (_seconds(parameters[name]) for name in ("zoom_from", "zoom_to"))
        part = Period(full.start + timedelta(seconds=first), full.start + timedelta(seconds=last))
    except (KeyError, ValueError, OverflowError):
        return full
    return part if full.start <= part.start < min(part.end, full.end) else full


def _seconds(text: str) -> float:
    seconds = 0.0
    for part in text.strip().split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def _problems(lanes: Sequence[Lane]) -> int:
    return sum(lane.has_problem for lane in lanes)


def _outcome(lane: Lane) -> str:
    if lane.quality == "poor":
        return "with poor streams"
    return "failed" if lane.failed else "good" if lane.quality == "good" else "unknown quality"


def _client(lane: Lane) -> str:
    return ", ".join(sorted(map(enum_labels.member_text, lane.platforms))) or "unknown client"


_OUTCOMES = {"with poor streams": -4, "failed": -3, "good": -2, "unknown quality": -1}
_KEYS: dict[str, Callable[[Lane], str]] = {"quality": _outcome, "client": _client}
_TESTS: dict[str, Callable[[Lane], bool]] = {
    "poor": lambda lane: lane.has_problem,
    "back": lambda lane: bool(lane.gaps()),
}
