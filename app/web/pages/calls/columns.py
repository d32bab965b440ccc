"""The columns that a list of calls can have: which there are, how they are headed, and what CSV says in them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from app.web.pages.shared import formatting

Call = dict[str, Any]


class Column(NamedTuple):
    """``is_number`` is set flush right; ``text`` is its value for CSV: plain, and times in UTC."""

    head: str
    text: Callable[[Call], Any]
    is_number: bool = False


def _iso(at: datetime | None) -> str:
    return formatting.iso(at)


def _organizer(name: str) -> Callable[[Call], Any]:
    return lambda call: call["organizer"][name]


def _people(call: Call) -> int:
    """By every part of the record; Graph's list alone until the call was derived again after an upgrade."""
    seen: int | None = call["participants_seen"]
    listed: int = call["participant_count"]
    return listed if seen is None else seen


COLUMNS: dict[str, Column] = {
    "start": Column("Start", lambda call: _iso(call["start"])),
    "quality": Column("Quality", lambda call: call["quality"]),
    "end": Column("End", lambda call: _iso(call["end"])),
    "duration": Column("Length", lambda call: call["duration_seconds"], is_number=True),
    "organizer": Column("Organizer", _organizer("display_name")),
    "upn": Column("Organizer's address", _organizer("user_principal_name")),
    "people": Column("People", _people, is_number=True),
    "kind": Column("Kind", lambda call: call["type"]),
    "sessions": Column("Sessions", lambda call: call["session_count"], is_number=True),
    "rating": Column("Rating", lambda call: call["rating"]),
    "version": Column("Version", lambda call: call["version"], is_number=True),
    "stored": Column("Stored", lambda call: _iso(call["stored_at"])),
    "tenant": Column("Tenant", lambda call: call["tenant_id"]),
    "id": Column("Call id", lambda call: call["id"]),
}
USUAL = ("start", "quality", "duration", "organizer", "people", "kind")

# What CSV has besides: a file is for programs, which have no use for a choice made for a screen.
IN_FILES: dict[str, Column] = COLUMNS | {
    "listed": Column("Participants listed by Graph", lambda call: call["participant_count"], is_number=True),
    "modalities": Column("Modalities", lambda call: " ".join(call["modalities"])),
    "failed": Column("Failed", lambda call: "true" if call["failed"] else "false"),
    "failed_stage": Column("Failed at", lambda call: call["failed_stage"]),
    "quality_rules": Column("Rule set", lambda call: call["quality_rules"]),
    "complete": Column("Complete", lambda call: "true" if call["complete"] else "false"),
}


def chosen(names: list[str]) -> tuple[str, ...]:
    """Those that are known, in our order; the usual ones where none is."""
    return tuple(name for name in COLUMNS if name in names) or USUAL
