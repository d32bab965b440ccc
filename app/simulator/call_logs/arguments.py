"""The arguments of the functions, as Graph reads them: part of the path, without quotes."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from app.simulator.errors import bad_request

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z")
_NAMES = ({"fromDateTime", "toDateTime"}, {"from", "to"})  # the second are those of Graph's own links


class Range(NamedTuple):
    since: datetime
    until: datetime


def read_range(text: str, *, is_link: bool) -> Range:
    """GraphError 400 for anything else; only Graph's own links may have the short names."""
    given = dict(part.partition("=")[::2] for part in text.split(","))
    if set(given) != _NAMES[0] and not (is_link and set(given) == _NAMES[1]):
        raise bad_request(f"Invalid arguments: '{text}'.")
    if not all(given.values()):  # Graph's own words
        raise bad_request(f"Expression expected at position {len('fromDateTime=')} in '{text}'.")
    since, until = (read_moment(given[name], text) for name in sorted(given))
    if since > until:
        raise bad_request("fromDateTime must not be later than toDateTime.")
    return Range(since, until)


def read_moment(value: str, text: str) -> datetime:
    if not _DATE.fullmatch(value) and not _INSTANT.fullmatch(value):
        raise bad_request(f"Syntax error in '{text}'.")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise bad_request(f"Syntax error in '{text}'.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
