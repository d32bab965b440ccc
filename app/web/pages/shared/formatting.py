"""Times, durations, sizes and numbers as text: pure functions, used as filters in the templates."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.archive.daily.confidence import Interval
from app.archive.parse.identities.shown_name import shown_name
from app.health.durations import until
from app.settings.units import describe_duration

NOTHING = "\u2013"
UTC_ZONE = ZoneInfo("UTC")
LONG_WORD = 22  # characters; a longer word may wrap
_WORDS = re.compile(r"(?<=\s)")
_PARTS = re.compile(r"[^/\-_@]*[/\-_@]|[^/\-_@]+")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BYTES = ("B", "kB", "MB", "GB", "TB")


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """To the minute, in this zone: 2026-03-01 09:15."""
    return _local(at, zone, "%Y-%m-%d %H:%M") if at else NOTHING


def second(at: datetime | None, zone: ZoneInfo) -> str:
    """To the second."""
    return _local(at, zone, "%Y-%m-%d %H:%M:%S") if at else NOTHING


def weekday(at: datetime | None, zone: ZoneInfo) -> str:
    """Mon, in this zone."""
    return _DAYS[at.astimezone(zone).weekday()] if at else ""


def utc_offset(at: datetime | None, zone: ZoneInfo) -> str:
    """Of this zone at that moment: UTC+01:00."""
    return f"UTC{at.astimezone(zone).isoformat()[-6:]}" if at else ""


def clock(at: datetime | None, zone: ZoneInfo) -> str:
    """The time of day only."""
    return _local(at, zone, "%H:%M:%S") if at else NOTHING


def _local(at: datetime, zone: ZoneInfo, form: str) -> str:
    """In the hour that occurs twice when clocks are set back, with the abbreviation of the zone."""
    local = at.astimezone(zone)
    comes_twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return local.strftime(form + " %Z") if comes_twice else local.strftime(form)


def iso(at: datetime | None) -> str:
    """In UTC for programs and hover texts: 2026-03-01T08:15:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def duration(seconds: float | None) -> str:
    """1 h 12 min, 4 min 3 s, 850 ms; with a sign where it is negative."""
    if seconds is None:
        return NOTHING
    if 0 < abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    sign = "\u2212" if seconds < 0 else ""
    return sign + describe_duration(timedelta(seconds=round(abs(seconds))))


def amount(value: Decimal) -> str:
    """Of money, exactly: at least two decimal places, and no zeros after them."""
    least = max(2, -int(value.normalize().as_tuple().exponent))
    return f"{value:.{least}f}"


def ago(at: datetime | None, now: datetime) -> str:
    """4 min ago, in 2 d 3 h, now."""
    if at is None:
        return "never"
    return "now" if abs(now - at) < timedelta(seconds=1) else until(at, now)


def number(value: float | None) -> str:
    """With narrow spaces between thousands."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}".replace(",", "\u202f")


def count(value: int, noun: str) -> str:
    """1 call, 2 calls."""
    return f"{number(value)} {noun}" if value == 1 else f"{number(value)} {noun}s"


def share(part: float | None, whole: float | None) -> str:
    """In per cent, with one decimal below 10 %; a dash where ``whole`` is 0 or unknown."""
    if not whole or part is None:
        return NOTHING
    percent = 100 * part / whole
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def percents(likely: Interval) -> str:
    """An interval of shares in per cent, without decimals."""
    return f"{100 * likely.low:.0f}\u2013{100 * likely.high:.0f} %"


def breakable(text: str) -> list[str]:
    """The parts of long words after which a line may end: behind / - _ and @. Short words stay complete."""
    return [part for word in _WORDS.split(text) for part in (_PARTS.findall(word) if len(word) > LONG_WORD else [word])]


def size(count: float | None) -> str:
    """Bytes in SI units: 1.4 MB."""
    if count is None:
        return NOTHING
    value, place = float(count), 0
    while value >= 1000 and place < len(_BYTES) - 1:
        value, place = value / 1000, place + 1
    return f"{value:.0f} {_BYTES[place]}" if place == 0 or value >= 100 else f"{value:.1f} {_BYTES[place]}"


_TYPES = {"groupCall": "group call", "peerToPeer": "one-to-one call", "unknown": "unknown"}
_MODALITIES = {"videoBasedScreenSharing": "screen", "screenSharing": "screen"}


def call_type(value: str | None) -> str:
    """Graph's callType as text; a member that Graph adds later is unchanged."""
    return _TYPES.get(value or "unknown", value or "unknown")


def modality(value: str) -> str:
    return _MODALITIES.get(value, value)


def capitalize_first(text: str) -> str:
    """Like ``capitalize``, without making the other letters small: VPN, Wi-Fi."""
    return text[:1].upper() + text[1:]


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "second": second,
    "weekday": weekday,
    "utc_offset": utc_offset,
    "clock": clock,
    "iso": iso,
    "amount": amount,
    "duration": duration,
    "ago": ago,
    "number": number,
    "share": share,
    "size": size,
    "percents": percents,
    "breakable": breakable,
    "count": count,
    "person": shown_name,
    "call_type": call_type,
    "capitalize_first": capitalize_first,
    "modality": modality,
}
