"""How a notification is written, without what it says: for the log, where Graph has a form that is not known; pure."""

import re
from typing import Any

_MOST_NAMES = 20
_LONGEST_NAME = 40
_LONGEST_VALUE = 120
_LONGEST = 1_000
_NAME = re.compile(r"[^A-Za-z0-9@._-]")
_PIECE = re.compile(r"%(?:25)*[0-9A-Fa-f]{2}|[A-Za-z0-9]+|[^\x21-\x7e]|.", re.DOTALL)
# Words that Graph's documentation has: they say nothing about a person or a call.
_WORDS = frozenset(
    {"communications", "callrecords", "callrecord", "sessions", "segments", "graph", "microsoft", "created", "updated"}
)
# Shown in this order; of every other member only the name and the type.
_WRITTEN = ("changeType", "resource", "resourceData", "lifecycleEvent")
_WRITTEN_BELOW = frozenset({"id", "@odata.id", "odataid", "odata.id", "@odata.type"})


def shape(entry: dict[str, Any]) -> str:
    """Member names with masked values, in one line of at most 1,000 characters.

    `resource=communications/callRecords(%27x8-x4-x4-x4-x12%27)`: `x8` is a run of eight letters or digits.
    """
    written = [_member(name, entry[name]) for name in _WRITTEN if name in entry]
    others = [f"{_safe(name)}={_type(entry[name])}" for name in sorted(entry)[:_MOST_NAMES] if name not in _WRITTEN]
    return " ".join([*written, *others])[:_LONGEST]


def _member(name: str, value: object) -> str:
    if isinstance(value, dict):
        members = [
            f"{_safe(key)}={_masked(value[key]) if key.lower() in _WRITTEN_BELOW else _type(value[key])}"
            for key in sorted(value)[:_MOST_NAMES]
        ]
        return f"{name}={{{' '.join(members)}}}"
    return f"{name}={_masked(value)}"


def _masked(value: object) -> str:
    if not isinstance(value, str):
        return _type(value)
    return _PIECE.sub(lambda found: _mask(found[0]), value[:_LONGEST_VALUE])


def _mask(piece: str) -> str:
    if piece[0] == "%" or piece.lower() in _WORDS:
        return piece
    if piece.isascii() and piece.isalnum():
        return f"x{len(piece)}"
    return piece if piece.isascii() and piece.isprintable() and piece != " " else "?"


def _type(value: object) -> str:
    return type(value).__name__


def _safe(name: str) -> str:
    return _NAME.sub("?", name)[:_LONGEST_NAME]
