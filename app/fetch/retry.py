"""Decides when to try again. Pure, so that each case is a line in a table of tests."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.graph.errors import Changed, GraphError, LoginFailed, NotFound, Refused, Throttled
from app.inbox.model import INTERNAL

_S, _M, _H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

# A record appears up to 150 minutes after its call, sometimes later: minutes, then hours, until day 30.
# https://learn.microsoft.com/graph/change-notifications-overview#latency
_NOT_YET = (10 * _S, 30 * _S, 1 * _M, 2 * _M, 5 * _M, 10 * _M, 20 * _M, 40 * _M, 80 * _M, 3 * _H, 6 * _H)
_TROUBLE = (1 * _S, 3 * _S, 10 * _S, 30 * _S, 1 * _M, 2 * _M, 5 * _M, 10 * _M, 15 * _M)
_LOGIN = (10 * _S, 30 * _S, 1 * _M, 2 * _M, 5 * _M)
_LONGEST = timedelta(days=30)  # no row has longer, and `datetime` has a maximum
_INCOMPLETE = (5 * _M, 15 * _M, 1 * _H, 3 * _H, 6 * _H, 12 * _H, 24 * _H)


@dataclass(frozen=True, slots=True)
class Again:
    """``pause``: from now on by the clock of the database, which all workers share."""

    pause: timedelta


@dataclass(frozen=True, slots=True)
class Failed:
    reason: str


@dataclass(frozen=True, slots=True)
class Expired:
    reason: str


Decision = Again | Failed | Expired


def after(error: Exception, attempts: int, deadline: datetime, now: datetime, spread: float = 0.0) -> Decision:
    """What follows a fetch that failed ``attempts`` times.

    ``spread`` in [0, 1) lengthens a pause by up to a fifth, so that a thousand rows do not return at one moment.
    Only a refusal by Graph is final. All other errors, internal ones included, are tried again until ``deadline``.
    """
    if isinstance(error, Refused):
        return Failed(explain(error))
    return after_trouble(error, attempts, deadline, now, spread)


def while_refused(error: Exception, deadline: datetime, now: datetime) -> Decision:
    """Graph refuses every record of the tenant: the row stays due, and the tenant waits."""
    return Again(timedelta()) if now < deadline else _expired(error)


def after_trouble(error: Exception, attempts: int, deadline: datetime, now: datetime, spread: float) -> Decision:
    """The same for an error that is not final."""
    if now >= deadline:
        return _expired(error)
    return Again(min(_pause(error, attempts) * (1 + spread / 5), _LONGEST))


def _expired(error: Exception) -> Expired:
    return Expired(f"Graph's 30 days ran out; last: {explain(error)}")


def look_again(attempts: int, deadline: datetime, now: datetime, spread: float = 0.0) -> Again | None:
    """When to look again at a record that was stored incomplete; None once its 30 days are over."""
    if now >= deadline:
        return None
    return Again(_step(_INCOMPLETE, attempts) * (1 + spread / 5))


def explain(error: Exception) -> str:
    """The error in one line for the row's ``last_error``; of a mistake of ours only its kind."""
    if type(error).__module__.startswith("app."):
        return f"{type(error).__name__}: {error}"[:500]
    return f"internal error: {type(error).__name__}"


def kind(error: Exception) -> str:
    """The error for the row's ``error_kind``, for programs: ``not_found``, ``refused``, ``bad_response``…"""
    if not isinstance(error, GraphError):
        return INTERNAL
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()


def _pause(error: Exception, attempts: int) -> timedelta:
    match error:
        case Throttled(retry_after=float() | int() as seconds):
            return timedelta(seconds=min(seconds, _LONGEST.total_seconds()))
        case NotFound():
            return _step(_NOT_YET, attempts)
        case LoginFailed():
            return _step(_LOGIN, attempts)
        case Changed():
            return _step(_TROUBLE, min(attempts, 5))
        case _:
            return _step(_TROUBLE, attempts)


def _step(steps: tuple[timedelta, ...], attempts: int) -> timedelta:
    return steps[min(max(attempts, 1), len(steps)) - 1]
