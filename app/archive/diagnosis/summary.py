"""The text to paste into a ticket: the call's times with offset, the sentences, and the link. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.archive.diagnosis.diagnose import Entry

MOST = 5  # sentences; a meeting may have hundreds of people


def summary(call: Mapping[str, Any], entries: Sequence[Entry], link: str, zone: ZoneInfo) -> str:
    """A line for the call, one for each sentence, and one for the link."""
    sentences = list(dict.fromkeys(entry.sentence for entry in entries))
    shown = sentences[:MOST]
    if len(sentences) > MOST:
        left = len(sentences) - MOST
        shown.append(f"And {left} more {'person' if left == 1 else 'people'}.")
    return "\n".join([_times(call["start"], call["end"], zone), *shown, link])


def _times(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> str:
    if start is None:
        return "Call at an unknown time."
    return f"Call from {_written(start, zone)} to {_written(end, zone) if end else 'an unknown time'}."


def _written(at: datetime, zone: ZoneInfo) -> str:
    """``2026-03-02 09:15 +01:00``."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"
