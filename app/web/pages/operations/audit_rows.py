"""Rows of the audit page: the entries of a program that asks the same again and again are one row. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MANY = 3  # equal entries on a page; fewer are shown one by one
_SAME = ("who", "scope", "method", "route", "status")


@dataclass(slots=True)
class Row:
    """The newest of ``count`` equal entries, the oldest of which was at ``since``."""

    entry: dict[str, Any]
    count: int
    since: datetime


def folded(entries: Sequence[dict[str, Any]], *, fold: bool = True) -> list[Row]:
    """In the order of the entries. Requests for a call are never folded: each says which call it was."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(_key(entry, fold=fold), []).append(entry)
    rows = []
    for same in groups.values():
        if len(same) < MANY:
            rows += [Row(entry, 1, entry["at"]) for entry in same]
        else:
            rows.append(Row(same[0], len(same), same[-1]["at"]))
    return sorted(rows, key=lambda row: (row.entry["at"], row.entry["id"]), reverse=True)


def _key(entry: dict[str, Any], *, fold: bool) -> Any:
    if not fold or entry["call_id"] is not None or entry["person"] is not None:
        return entry["id"]
    return tuple(entry[name] for name in _SAME), tuple(entry["parameters"] or ())
