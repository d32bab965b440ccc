"""Spans of time as people say them: `2 d 3 h`, `4 min`."""

from datetime import datetime, timedelta

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def length(span: timedelta) -> str:
    """In its largest unit and the next one; nothing is longer than it says."""
    left = max(0, int(span.total_seconds()))
    largest = next((i for i, (_, size) in enumerate(_UNITS) if left >= size), len(_UNITS) - 1)
    parts: list[str] = []
    for unit, size in _UNITS[largest : largest + 2]:
        count, left = divmod(left, size)
        if count or not parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def ago(moment: datetime | None, now: datetime) -> str:
    """`4 min ago`, or `never`."""
    return "never" if moment is None else f"{length(now - moment)} ago"


def until(moment: datetime, now: datetime) -> str:
    """`in 2 d 3 h`, or `3 h ago`."""
    return f"in {length(moment - now)}" if moment >= now else ago(moment, now)


def counted(count: int, thing: str) -> str:
    """`1 record`, `2 records`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
