"""One converter for each kind of column: any JSON value becomes a value that both databases accept, or None.

Pure, and nothing here raises: a value that does not fit its column is still in the document.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from app.archive.schema.graph_types import Kind
from app.wire import boolean, integer, moment, number

REPLACEMENT = "\ufffd"
LONGEST = 64  # characters of a duration: far more than Graph writes
LONGEST_TEXT = 1 << 14  # characters in a column; the document has the complete text
LONGEST_JSON = 1 << 20  # characters in a column

# PostgreSQL takes neither NUL in a text (https://www.postgresql.org/docs/current/datatype-character.html) nor
# halves of a surrogate pair, which are no UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?|\.\d+)S)?)?", re.ASCII)


def text(value: Any) -> str | None:
    """The text, with U+FFFD instead of characters that PostgreSQL cannot store; at most its first 16,384 characters."""
    if not isinstance(value, str):
        return None
    if len(value) > LONGEST_TEXT:
        value = value[:LONGEST_TEXT]
    return value if value.isprintable() else _UNSTORABLE.sub(REPLACEMENT, value)


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


def json(value: Any) -> str | None:
    """A list or an object as JSON text; None for anything else, and for values nested too deeply or very long."""
    if not isinstance(value, list | dict):
        return None
    try:
        written = orjson.dumps(value, default=float)  # the document has the digits that an ExactFloat has more
    except (TypeError, RecursionError):
        return None
    return written.decode() if len(written) <= LONGEST_JSON else None


CONVERT: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: text,
    Kind.INTEGER: integer,
    Kind.FLOAT: number,
    Kind.SECONDS: seconds,
    Kind.MOMENT: moment,
    Kind.BOOLEAN: boolean,
    Kind.JSON: json,
}
