"""Graph's way of writing a moment: UTC, seven digits after the second."""

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """`2026-01-03T11:00:00.0000000Z`; a moment without a time zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("a time for Graph needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def read(text: object) -> datetime | None:
    """UTC to the microsecond; None for anything that is no time."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
