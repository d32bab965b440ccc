"""The filters of a list of calls, parsed from the query string: pure. The form and links use the same parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from app import ids
from app.archive.outcomes.words import DIRECTIONS, OUTCOMES
from app.archive.parse import convert, join_url
from app.archive.queries.filters import Filters
from app.settings.units import duration
from app.web.pages.shared import time_zones

CHOICES: dict[str, tuple[str, ...]] = {
    "type": ("groupCall", "peerToPeer", "unknown"),
    "modality": ("audio", "video", "videoBasedScreenSharing", "screenSharing", "data"),
    "quality": ("good", "poor", "unknown"),
    "failed": ("true", "false"),
    "failed_stage": ("setup", "midcall", "unknown"),
    "rating": ("bad", "poor", "fair", "good", "excellent"),
    "outcome": OUTCOMES,
    "direction": DIRECTIONS,
    "pstn": ("true", "false"),
}
TEXTS = ("q", "organizer", "department", "from", "to", "min_duration", "tenant")
LONGEST = 200  # characters of one value
LONGEST_URL = 4000  # characters of a join URL in the search box

_WITH_FIELD = {
    *CHOICES,
    "since",
    "until",
    "tenants",
    "sites",
    "tenant_id",
    "participant",
    "organizer",
    "department",
    "min_duration",
    "join_url",
    *CHOICES,
    "number",
}
DIMENSION_FILTERS = tuple(one.name for one in fields(Filters) if one.name not in _WITH_FIELD)
"""Filters by network and device, which the quality page links to; the form has no field for them."""
NAMES = (*TEXTS, *CHOICES, *DIMENSION_FILTERS, "zone")


@dataclass(frozen=True, slots=True)
class CallSearch:
    """The filters, the values that the form shows again, and the errors by field."""

    filters: Filters
    values: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def link(self, **changes: str | None) -> str:
        """The query string of the same search with these changes; None removes a parameter."""
        values = (self.values | changes).items()
        return urlencode(
            {name: value for name, value in values if value or (value == "" and name in DIMENSION_FILTERS)}
        )


def read(query: Mapping[str, str], zone: tzinfo, limits: Mapping[str, Any]) -> CallSearch:
    """For a caller with these limits; times without an offset are in the query's zone, else in ``zone``."""
    values = {name: _cut(query[name].strip()) for name in NAMES if _is_given(name, query)}
    zone, problems, filters = time_zones.named(values.get("zone", "")) or zone, dict[str, str](), dict[str, Any]()

    def take(name: str, into: str, parse: Callable[[str], Any]) -> None:
        try:
            if name in values:
                filters[into] = parse(values[name])
        except (ValueError, OverflowError) as error:
            problems[name] = str(error)

    take("from", "since", lambda text: moment(text, zone))
    take("to", "until", lambda text: _end(text, zone))
    if "until" in filters and "since" in filters and filters["until"] <= filters["since"]:
        problems["to"] = "must be later than From"
    take("q", "join_url" if join_url.looks_like_one(values.get("q", "")) else "participant", _plain)
    take("organizer", "organizer", _plain)
    take("department", "department", _plain)
    take("min_duration", "min_duration", _seconds)
    take("tenant", "tenant_id", ids.tenant_id)
    for name in CHOICES:
        take(name, name, lambda text, name=name: _choice(name, text))  # type: ignore[misc]
    for name in DIMENSION_FILTERS:
        take(name, name, _plain)
    return CallSearch(Filters(**limits, **filters), values, problems)


def _cut(text: str) -> str:
    return text[: LONGEST_URL if join_url.looks_like_one(text) else LONGEST]


def _is_given(name: str, query: Mapping[str, str]) -> bool:
    """An empty field is no filter; an empty dimension is the filter for calls whose value is unknown."""
    return name in query and (bool(query[name].strip()) or name in DIMENSION_FILTERS)


def moment(text: str, zone: tzinfo) -> datetime:
    """A time, or the start of a day."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a valid time; use the form 2026-01-31 or 2026-01-31T09:00") from None


def _end(text: str, zone: tzinfo) -> datetime:
    """A time, or the end of a day."""
    end = moment(text, zone)
    is_day = len(text) == len("2026-01-31")
    try:
        return end + timedelta(days=1) if is_day else end
    except OverflowError:
        raise ValueError("date out of range") from None


def _choice(name: str, text: str) -> Any:
    if text not in CHOICES[name]:
        raise ValueError(f"must be one of {', '.join(CHOICES[name])}")
    return text == "true" if name in ("failed", "pstn") else text


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("contains a NUL character")
    return text


def _seconds(text: str) -> float:
    """Seconds of ``90``, ``5m`` or ``PT5M``."""
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    length = convert.seconds(text)
    return length if length is not None and length >= 0 else duration(text).total_seconds()
