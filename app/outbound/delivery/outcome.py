"""What an answer to a delivery means. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from app.outbound.sending.answer import Answer

GONE = 410
_OK = range(200, 300)
_REDIRECT = range(300, 400)


class Outcome(NamedTuple):
    """Delivered if ``error`` is None. ``gone``: the receiver asks for no more events."""

    status: int | None
    error: str | None = None
    retry_after: timedelta | None = None
    gone: bool = False


def of(answer: Answer, now: datetime) -> Outcome:
    status = answer.status
    if status in _OK:
        return Outcome(status)
    if status == GONE:
        return Outcome(status, "HTTP 410: the receiver wants no more events", gone=True)
    if status in _REDIRECT:
        return Outcome(status, f"HTTP {status}: a redirect, which is never followed")
    return Outcome(status, f"HTTP {status}", _retry_after(answer, now))


def _retry_after(answer: Answer, now: datetime) -> timedelta | None:
    """The wait that the receiver asks for, by its own clock if it sends the time."""
    text = (answer.retry_after or "").strip()
    if text.isascii() and text.isdecimal() and len(text) < 9:
        return timedelta(seconds=int(text))
    moment = _http_date(text)
    return moment - (_http_date(answer.date or "") or now) if moment else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
