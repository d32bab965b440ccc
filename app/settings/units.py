"""Durations and rates as people write them: ``15m``, ``6h``, ``1500/20s``."""

import re
from datetime import timedelta
from typing import Any, NamedTuple

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


LONGEST = timedelta(days=36500)  # further back than that there are soon no dates


class Rate(NamedTuple):
    """At most ``limit`` requests in any ``seconds``."""

    limit: int
    seconds: float


def duration(value: Any) -> Any:
    """``15m``, ``6h``, ``30d``: a whole number and a unit."""
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


def write_rate(value: Rate) -> str:
    return f"{value.limit}/{write_duration(timedelta(seconds=value.seconds))}"
