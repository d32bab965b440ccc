"""Graph's format for times: UTC, seven digits after the second."""

from datetime import UTC, datetime

from app import wire


def written(moment: datetime) -> str:
    """`2026-01-03T11:00:00.0000000Z`; a moment without a time zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("a time for Graph needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def read(text: object) -> datetime | None:
    """UTC to the microsecond; None for anything that is not a time, and for the times that Graph uses for "unknown"."""
    return wire.moment(text)


def written_seconds(moment: datetime) -> str:
    """`2026-01-03T11:00:00Z`, the form of arguments of a function; what is below a second is cut."""
    return written(moment)[:19] + "Z"
