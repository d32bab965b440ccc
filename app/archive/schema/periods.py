"""Hours and days of counts: an hour is a number from 1970 on, a day its date in UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from app.archive.schema.microseconds import EPOCH

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def hour_of(moment: datetime) -> int:
    return (moment - EPOCH) // HOUR


def begin_of(hour: int) -> datetime:
    return EPOCH + hour * HOUR


def day_of(moment: datetime) -> str:
    """The day of a moment in UTC: 2026-01-31."""
    return moment.astimezone(UTC).date().isoformat()


@lru_cache(maxsize=4096)
def day_of_hour(hour: int) -> str:
    return day_of(begin_of(hour))


def begin_of_day(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def hours_of_day(day: str) -> range:
    first = hour_of(begin_of_day(day))
    return range(first, first + 24)
