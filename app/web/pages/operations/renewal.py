"""What became of a renewal that an administrator requested, read from the tenant's rows: pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

State = Literal["renewed", "created", "pending", "skipped"]


class Renewal(NamedTuple):
    """``expires_at`` is the active subscription's; ``problem`` is why the last attempt failed."""

    state: State
    expires_at: datetime | None = None
    problem: str = ""


def outcome(rows: Sequence[Row[Any]], events: Sequence[Row[Any]], requested_at: datetime) -> Renewal:
    """Of a tenant's subscriptions (newest first) and its unanswered lifecycle events.

    A pass of ``ensure`` that succeeds deletes the events; one that fails leaves them and writes ``last_error``.
    """
    active = next((row for row in rows if row.ended_at is None and row.subscription_id), None)
    if active and active.created_at >= requested_at:
        return Renewal("created", active.expires_at)
    if active and active.renewed_at and active.renewed_at >= requested_at:
        return Renewal("renewed", active.expires_at)
    if events or active is None:
        return Renewal("pending", problem=(rows[0].last_error or "") if rows else "")
    return Renewal("skipped", active.expires_at)


def to_parameter(at: datetime) -> str:
    """The time of a request for the address to which it is redirected: microseconds since 1970."""
    return str((at - _EPOCH) // timedelta(microseconds=1))


def requested_at(text: str) -> datetime | None:
    """The time that ``to_parameter`` wrote; None for any other text."""
    is_time = text.isascii() and text.isdecimal() and len(text) < 18
    return _EPOCH + timedelta(microseconds=int(text)) if is_time else None
