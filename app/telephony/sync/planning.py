"""Which days of a log are read now, and with how long queries. Pure.

Graph says neither how late a row appears nor whether it stays the same: charges are rated later, and operators report
durations later. So a day is read again for a month, less often as it gets older.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from app.archive.schema.call_log_types import REACH_DAYS

DAY = timedelta(days=1)

# Until a day is so old, it is read again after that time; ``None``: the interval of the schedule.
_AGAIN: tuple[tuple[timedelta, timedelta | None], ...] = ((3 * DAY, None), (7 * DAY, DAY), (30 * DAY, 7 * DAY))

# Graph refuses bounds of its list of call records that are in the future by its clock: a little distance from now.
MARGIN = timedelta(seconds=5)

MANY = 20_000  # rows of one query: pages are positions in a list that may grow meanwhile, so fewer are safer
LONGEST, USUAL, SHORTEST = 86_400, 3_600, 60  # seconds of one query: of a day, of one with many rows, at the least


class DayRead(NamedTuple):
    """What is stored of one day of a log."""

    step_seconds: int = LONGEST
    reached_at: datetime | None = None
    rows_so_far: int = 0
    row_count: int | None = None
    read_at: datetime | None = None


UNREAD = DayRead()


def reach(kind: str, now: datetime, retention: timedelta | None) -> datetime:
    """The first moment of which rows are read: the beginning of the first day that is reached completely."""
    longest = REACH_DAYS[kind] * DAY
    back = longest if retention is None else min(longest, retention)
    return start_of((now.astimezone(UTC) - back).date() + DAY)


def due(
    known: Mapping[date, DayRead],
    since: datetime,
    now: datetime,
    *,
    every: timedelta,
    again_before: datetime | None = None,
) -> list[date]:
    """The days from ``since`` on that are read now, the newest first.

    With ``again_before``, days that were read before that moment are read again, however old they are.
    """
    return [day for day in days(since, now) if _is_due(known.get(day, UNREAD), day, now, every, again_before)]


def days(since: datetime, now: datetime) -> Iterable[date]:
    day, first = now.astimezone(UTC).date(), since.astimezone(UTC).date()
    while day >= first:
        yield day
        day -= DAY


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def first_step(known: Mapping[date, DayRead], day: date) -> int:
    """Of a day that was never read: that of the nearest later day, for a tenant with many calls has many each day."""
    later = [other for other in known if other > day]
    return known[min(later)].step_seconds if later else LONGEST


def shorter(step_seconds: int, *, refused: bool) -> int | None:
    """The next step after this one returned too many rows or was refused; None if there is none."""
    if step_seconds > USUAL:
        return USUAL
    return max(step_seconds // 4, SHORTEST) if refused and step_seconds > SHORTEST else None


def _is_due(read: DayRead, day: date, now: datetime, every: timedelta, again_before: datetime | None) -> bool:
    if read.read_at is None or read.reached_at is not None:
        return True
    if again_before is not None and read.read_at < again_before:
        return True
    interval = _interval(read.read_at - (start_of(day) + DAY), every)
    return interval is not None and read.read_at + interval <= now


def _interval(age: timedelta, every: timedelta) -> timedelta | None:
    """After which time a day that had this age when it was read is read again; None: it is settled."""
    found = next(((interval,) for limit, interval in _AGAIN if age < limit), None)
    if found is None:
        return None
    return found[0] if found[0] is not None else every
