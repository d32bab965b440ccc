"""Times relative to now and counts, as people read them: `4 min ago`, `2 records`."""

from datetime import datetime

from app.settings.units import describe_duration


def ago(moment: datetime | None, now: datetime) -> str:
    """`4 min ago`, or `never`."""
    return "never" if moment is None else f"{describe_duration(now - moment)} ago"


def until(moment: datetime, now: datetime) -> str:
    """`in 2 d 3 h`, or `3 h ago`."""
    return f"in {describe_duration(moment - now)}" if moment >= now else ago(moment, now)


def counted(count: int, thing: str) -> str:
    """`1 record`, `2 records`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
