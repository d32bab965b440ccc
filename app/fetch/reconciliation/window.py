"""Which part of its list Graph accepts questions about, and how a sweep goes through it in slices; pure.

Graph is reported to answer 400 to a lower bound before [now - 30 days] and to an upper bound after now, both by its
own clock. So the bounds are computed for each request, with a margin at both ends, and a 400 makes the margin wider.
https://learn.microsoft.com/graph/api/callrecords-cloudcommunications-list-callrecords
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.inbox.queue import WINDOW

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)

# The first one covers ten minutes of difference between two clocks, and the minutes in which the pages of a slice
# are followed. The others are tried in turn after a 400.
MARGINS = (30 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, 24 * _HOUR)

# A slice is repeated when its sweep breaks off in it, so it must be short: an hour of call starts, or a few pages.
# A longer slice costs a quiet tenant one request where it would otherwise be 720 for 30 days.
LONGEST_DENSE = _HOUR
FEW_PAGES = 10  # more than these, and a slice of more than an hour is given up for one of an hour
MANY_PAGES = 100  # more than these (7 minutes at 4.5 s a page), and the next slice is half as long
SHORTEST = _MINUTE


@dataclass(frozen=True, slots=True)
class Slice:
    """Call starts in [since, until), without an upper bound where ``until`` is None."""

    since: datetime
    until: datetime | None

    def is_about(self, other: "Slice | None") -> bool:
        """Whether both are one request, made at two moments."""
        if other is None or (self.until is None) != (other.until is None):
            return False
        ends = zip((self.since, self.until), (other.since, other.until), strict=True)
        return all(mine is None or theirs is None or abs(mine - theirs) < _MINUTE for mine, theirs in ends)


def oldest(now: datetime, margin: timedelta = MARGINS[0]) -> datetime:
    """The first call start that Graph may be asked for."""
    return now - WINDOW + margin


def next_slice(
    position: datetime, until: datetime | None, length: timedelta, now: datetime, margin: timedelta = MARGINS[0]
) -> Slice | None:
    """What to ask for next when everything before ``position`` is listed; None where all is.

    The slice at the end has no upper bound: Graph then lists all that it has. It may begin before ``position``,
    and hold calls from ``until`` on.
    """
    if until is not None and position >= until:
        return None
    newest = now - margin
    since = min(max(position, oldest(now, margin)), newest)
    if until is not None and since >= until:
        return None
    end = since + length
    if until is not None and until <= min(end, newest):
        return Slice(since, until)
    return Slice(since, end if end < newest else None)


def wider_margin(
    refused: Slice, position: datetime, until: datetime | None, length: timedelta, now: datetime, margin: timedelta
) -> timedelta | None:
    """The margin to try after a 400: the next one with which another slice is asked for.

    None where there is none: then Graph did not refuse the bounds.
    """
    wider = [one for one in MARGINS if one > margin]
    return next((one for one in wider if not refused.is_about(next_slice(position, until, length, now, one))), None)


def next_length(length: timedelta, pages: int) -> timedelta:
    """How long the slice after one of so many pages is, so that all slices have some pages and not too many."""
    if pages > MANY_PAGES:
        return max(length / 2, SHORTEST)
    if pages <= 1:
        return min(2 * length, WINDOW)
    if length < LONGEST_DENSE and pages <= MANY_PAGES // 4:
        return min(2 * length, LONGEST_DENSE)
    return length


def after_failure(length: timedelta) -> timedelta:
    """A slice that broke off after some pages is tried again in halves; a long one had only a few."""
    return max(length / 2, SHORTEST) if length <= LONGEST_DENSE else length
