"""One converter for each kind of column: whatever JSON holds becomes a value both databases take, or None.

Pure, and apart because nothing here may ever raise: what does not fit its column is not lost, the document
keeps it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

from app.archive.schema.graph_types import Kind

INT64 = 1 << 63
REPLACEMENT = "\ufffd"
LONGEST = 64  # characters of a duration or a time: far more than any real one has

# PostgreSQL takes neither NUL in a text (https://www.postgresql.org/docs/current/datatype-character.html) nor
# halves of a surrogate pair, which are no UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?|\.\d+)S)?)?", re.ASCII)


def text(value: Any) -> str | None:
    """The text, with what no database can hold replaced by U+FFFD."""
    if not isinstance(value, str):
        return None
    return value if value.isprintable() else _UNSTORABLE.sub(REPLACEMENT, value)


def integer(value: Any) -> int | None:
    return value if type(value) is int and -INT64 <= value < INT64 else None


def number(value: Any) -> float | None:
    """A finite float. Graph writes NaN and infinity as texts: they are no measurement."""
    if type(value) is float:
        return value if isfinite(value) else None
    return float(value) if integer(value) is not None else None


def seconds(value: Any) -> float | None:
    """Seconds of an ISO 8601 duration (``PT0.016S``, ``P1DT2H``, ``-PT5S``); None for anything else."""
    return _seconds(value) if isinstance(value, str) and len(value) <= LONGEST else None


@lru_cache(maxsize=4096)  # streams repeat the same few
def _seconds(value: str) -> float | None:
    match = _DURATION.fullmatch(value)
    if match is None or value[-1] in "PT":
        return None
    sign, days, hours, minutes, rest = match.groups("0")
    total = int(days) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)
    return -total if sign == "-" else total


def moment(value: Any) -> datetime | None:
    """A moment in UTC. Graph's seventh digit of a second is cut; a time without an offset is taken as UTC."""
    return _moment(value) if isinstance(value, str) and len(value) <= LONGEST else None


@lru_cache(maxsize=4096)  # a call's parts repeat its times
def _moment(value: str) -> datetime | None:
    if "T" not in value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def json(value: Any) -> str | None:
    """A list or an object as JSON text; None for anything else, and for what is nested beyond reason."""
    if not isinstance(value, list | dict):
        return None
    try:
        return orjson.dumps(value).decode()
    except (TypeError, RecursionError):
        return None


CONVERT: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: text,
    Kind.INTEGER: integer,
    Kind.FLOAT: number,
    Kind.SECONDS: seconds,
    Kind.MOMENT: moment,
    Kind.BOOLEAN: boolean,
    Kind.JSON: json,
}
