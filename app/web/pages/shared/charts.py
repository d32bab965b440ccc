"""Bar charts as numbers in per cent: pure, drawn by a macro of the templates; the same numbers also as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor, log10
from zoneinfo import ZoneInfo

GAP = 0.16  # share of a bar's slot
LABELS = 7  # at most, on the time axis
SEVERAL = 2  # with more midnights than this the axis shows dates, not hours
NEAR_THE_END = 93  # per cent; a label centred there would overflow the plot
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """In per cent of the plot, y from the top."""

    x: float
    width: float
    y: float
    height: float
    title: str
    kind: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str
    minor: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    title: str
    summary: str
    bars: list[Bar]
    y_ticks: list[Tick]
    x_ticks: list[Tick]
    heads: list[str]
    rows: list[list[str]]
    note: str = ""
    share: bool = False
    """Whether it is a share of poor streams, drawn in red."""
    unit: str = field(default="")

    def link_of(self, when: str) -> str:
        """The link of the bar that belongs to a row of the table, for keyboards and screen readers."""
        return next((bar.href for bar in self.bars if f"{when}: " in bar.title), "")


@dataclass(frozen=True, slots=True)
class Value:
    """The input of one bar; with ``amount`` None there is no bar."""

    amount: float | None
    title: str
    kind: str = ""
    href: str = ""


def bars(values: Sequence[Value], top: float) -> list[Bar]:
    """The bars side by side, ``top`` at 100 % of the height; an amount above 0 is at least 1 % high."""
    wide = 100 / max(len(values), 1)
    return [
        _bar(slot * wide + wide * GAP / 2, wide * (1 - GAP), 100 * value.amount / top, value)
        for slot, value in enumerate(values)
        if value.amount
    ]


def _bar(x: float, width: float, height: float, value: Value) -> Bar:
    seen = max(height, 1.0)
    return Bar(round(x, 3), round(width, 3), round(100 - seen, 2), round(seen, 2), value.title, value.kind, value.href)


def top_of(highest: float, steps: int = 4, *, least: float = 0) -> tuple[float, float]:
    """The end of the axis and the distance of its lines, as round numbers.

    With ``least`` the distance is a multiple of it: 1 for integers.
    """
    if highest <= 0:
        return float(steps), 1.0
    rough = highest / steps
    power = max(10 ** floor(log10(rough)), least)
    nice = (factor * power for factor in (1, 2, 2.5, 5, 10))
    step = next(step for step in nice if step >= rough and not (least and step % least))
    count = -(-highest // step)
    return step * count, step


def y_ticks(top: float, step: float, unit: str = "") -> list[Tick]:
    """A line for each step, from 0 to the top."""
    count = round(top / step)
    return [Tick(round(100 - 100 * place / count, 2), f"{place * step:g}{unit}") for place in range(count + 1)]


def time_ticks(starts: Sequence[datetime], zone: ZoneInfo) -> list[Tick]:
    """Labels at some of the starts: of hours the time, and the date at midnight; of days the date."""
    if not starts:
        return []
    daily = len(starts) > 1 and starts[1] - starts[0] >= _DAY
    marked = list(range(len(starts)))
    midnights = [place for place in marked if starts[place].astimezone(zone).hour == 0]
    if not daily and len(midnights) > SEVERAL:
        marked = midnights  # hours of several days: only the dates
    marked = marked[:: max(1, -(-len(marked) // LABELS))]
    wide = 100 / len(starts)
    return [
        _tick(place, wide, _label(starts[place], zone, daily=daily), minor=bool(number % 2))
        for number, place in enumerate(marked)
    ]


def _tick(place: int, wide: float, text: str, *, minor: bool) -> Tick:
    at = round((place + 0.5) * wide, 2) if place else 0.0
    is_last = at > NEAR_THE_END
    return Tick(100.0 if is_last else at, text, minor, is_last)


def _label(start: datetime, zone: ZoneInfo, *, daily: bool) -> str:
    if daily:  # days are counted in UTC
        return start.strftime("%-d %b")
    local = start.astimezone(zone)
    return local.strftime("%-d %b") if local.hour == 0 else local.strftime("%H:%M")
