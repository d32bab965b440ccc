"""The columns of a list of calls and of its CSV file; their names are those of ``/api/calls``."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from app.web.pages.shared import formatting

Call = dict[str, Any]


class Column(NamedTuple):
    """``is_number`` aligns it right; ``text`` is its value in CSV, times in UTC."""

    head: str
    text: Callable[[Call], Any]
    is_number: bool = False


def _iso(at: datetime | None) -> str:
    return formatting.iso(at)


def _organizer(name: str) -> Callable[[Call], Any]:
    return lambda call: call["organizer"][name]


def _participants(call: Call) -> int:
    """Seen anywhere in the record; those that Graph lists until a call from before the upgrade is derived again."""
    seen: int | None = call["participants_seen"]
    listed: int = call["participant_count"]
    return listed if seen is None else seen


COLUMNS: dict[str, Column] = {
    "start": Column("Start", lambda call: _iso(call["start"])),
    "start_utc": Column("Start (UTC)", lambda call: _iso(call["start"])),
    "quality": Column("Quality", lambda call: call["quality"]),
    "outcome": Column("Outcome", lambda call: call["outcome"]),
    "end": Column("End", lambda call: _iso(call["end"])),
    "duration_seconds": Column("Length", lambda call: call["duration_seconds"], is_number=True),
    "organizer": Column("Organizer", _organizer("display_name")),
    "organizer_user_principal_name": Column("Organizer address", _organizer("user_principal_name")),
    "with": Column("With", lambda call: call["with"]),
    "participants_seen": Column("Participants", _participants, is_number=True),
    "people_affected": Column("People affected", lambda call: call["people_affected"], is_number=True),
    "type": Column("Type", lambda call: call["type"]),
    "session_count": Column("Sessions", lambda call: call["session_count"], is_number=True),
    "rating": Column("Rating", lambda call: call["rating"]),
    "version": Column("Version", lambda call: call["version"], is_number=True),
    "stored_at": Column("Stored", lambda call: _iso(call["stored_at"])),
    "tenant_id": Column("Tenant", lambda call: call["tenant_id"]),
    "id": Column("Call id", lambda call: call["id"]),
}
USUAL = ("start", "quality", "outcome", "duration_seconds", "organizer", "with", "participants_seen", "type")

# CSV has all columns, whatever the page shows.
IN_FILES: dict[str, Column] = {name: column for name, column in COLUMNS.items() if name != "start_utc"} | {
    "participant_count": Column("Participants listed by Graph", lambda call: call["participant_count"], is_number=True),
    "people": Column("Other participants (up to 20)", lambda call: "; ".join(call["people"])),
    "poor_due_to": Column("Poor due to", lambda call: ", ".join(call["reasons"])),
    "modalities": Column("Modalities", lambda call: " ".join(call["modalities"])),
    "sites": Column("Sites", lambda call: "; ".join(call["sites"])),
    "failed": Column("Failed", lambda call: "true" if call["failed"] else "false"),
    "failed_stage": Column("Failed at", lambda call: call["failed_stage"]),
    "outcome_basis": Column("Outcome: basis", lambda call: call["outcome_basis"]),
    "outcome_confidence": Column("Outcome: confidence", lambda call: call["outcome_confidence"]),
    "outcome_provisional": Column(
        "Outcome: provisional", lambda call: "true" if call["outcome_provisional"] else "false"
    ),
    "direction": Column("Direction", lambda call: call["direction"]),
    "pstn": Column("PSTN", lambda call: "true" if call["pstn"] else "false"),
    "quality_rules": Column("Rule set", lambda call: call["quality_rules"]),
    "complete": Column("Complete", lambda call: "true" if call["complete"] else "false"),
}


def chosen(names: list[str]) -> tuple[str, ...]:
    """The known ones among these names, in the order of COLUMNS; the usual ones where there is none."""
    return tuple(name for name in COLUMNS if name in names) or USUAL
