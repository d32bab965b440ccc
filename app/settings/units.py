"""Durations, rates and ages as people write and read them: ``15m``, ``1500/20s``, ``2 d 3 h``, ``none``."""

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))

LONGEST = timedelta(days=36500)  # Python has no dates before the year 1


class Rate(NamedTuple):
    """At most ``limit`` requests in any ``seconds``."""

    limit: int
    seconds: float


class DetailRows(NamedTuple):
    """Which calls have detail rows: those that began less than ``age`` ago; None is all calls, zero is none."""

    age: timedelta | None

    def include(self, begun_at: datetime, now: datetime) -> bool:
        """Whether a call that began then has detail rows."""
        return self.age is None or (bool(self.age) and begun_at >= now - self.age)

    def written(self) -> str:
        if self.age is None:
            return "all"
        return write_duration(self.age) if self.age else "none"


ALL_DETAIL, NO_DETAIL = DetailRows(None), DetailRows(timedelta())


def detail_rows(value: Any) -> Any:
    """``all``, ``none`` or an age of at least a day."""
    if not isinstance(value, str):
        return value
    words = {"all": ALL_DETAIL, "none": NO_DETAIL}
    if found := words.get(value.strip().lower()):
        return found
    try:
        age = duration(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is neither all nor none nor an age: {error}") from None
    if age < timedelta(days=1):
        raise ValueError("must be at least 1d: younger calls still change")
    return DetailRows(age)


def channels(value: Any) -> Any:
    """``sbc1.example.com=60,sbc2.example.com=30``: names of trunks in lower case, with their channels."""
    if not isinstance(value, str):
        return value
    found: dict[str, int] = {}
    for item in filter(None, (item.strip() for item in value.split(","))):
        match = re.fullmatch(r"([^=\s]{1,255})\s*=\s*([0-9]{1,6})", item)
        if not match or int(match[2]) == 0:
            raise ValueError(f"{item[:100]!r} is not a trunk and its number of channels, such as sbc1.example.com=60")
        if (name := match[1].lower()) in found:
            raise ValueError(f"names {name} twice")
        found[name] = int(match[2])
    return found


def write_channels(value: dict[str, int]) -> str:
    return ",".join(f"{name}={number}" for name, number in value.items())


def duration(value: Any) -> Any:
    """``15m``, ``6h``, ``30d``: an integer and a unit."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([0-9]{1,10})([smhd])", value.strip())
    if not match or int(match[1]) == 0:
        raise ValueError(f"{value!r} is not a duration; write a number and s, m, h or d, for example 15m, 6h or 30d")
    seconds = int(match[1]) * _SECONDS[match[2]]
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{value!r} is longer than {write_duration(LONGEST)}")
    return timedelta(seconds=seconds)


def rate(value: Any) -> Any:
    """``1500/20s``: requests per duration."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,6}[smhd])", value.strip())
    if not match or int(match[1]) == 0:
        raise ValueError(f"{value!r} is not a rate; write requests per duration, for example 1500/20s")
    return Rate(int(match[1]), duration(match[2]).total_seconds())


def write_duration(value: timedelta | None) -> str:
    """The shortest text that `duration` reads back."""
    if value is None:
        return ""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def describe_duration(length: timedelta) -> str:
    """For people: the largest unit and the next one, rounded down, such as ``1 d 23 h``, ``4 min`` or ``0 s``.

    A negative duration is ``0 s``.
    """
    left = max(0, int(length.total_seconds()))
    largest = next((index for index, (_, size) in enumerate(_UNITS) if left >= size), len(_UNITS) - 1)
    parts: list[str] = []
    for unit, size in _UNITS[largest : largest + 2]:
        count, left = divmod(left, size)
        if count or not parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def write_rate(value: Rate) -> str:
    return f"{value.limit}/{write_duration(timedelta(seconds=value.seconds))}"
