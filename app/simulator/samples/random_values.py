"""Repeatable random values: the same seed gives the same call, so that a failing test fails again."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID


def words(text: str) -> list[str]:
    return text.split()


def guid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def stamp(moment: datetime, rng: Random) -> str:
    """The moment as Graph writes it, usually with seven fractional digits, sometimes with fewer."""
    seconds = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{moment.microsecond:06d}{rng.randrange(10)}".rstrip("0")
    return f"{seconds}.{fraction}Z" if fraction else f"{seconds}Z"


def iso_duration(seconds: float) -> str:
    """ISO 8601 as Graph writes short spans: 0.016 becomes PT0.016S."""
    text = f"{seconds:.3f}".rstrip("0").rstrip(".")
    return f"PT{text}S"


def moment_within(start: datetime, span: timedelta, rng: Random) -> datetime:
    return start + span * rng.random()


def between(rng: Random, low: float, high: float, digits: int = 3) -> float:
    return round(rng.uniform(low, high), digits)
