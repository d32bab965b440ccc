"""What is wrong with a tenant, and what to do: pure, so that every case is a line in a table of tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.health.durations import counted, length
from app.health.inbox_risks import LATE
from app.health.tenant import Tenant

REASONS = ("database", "migration", "subscription", "renewal", "collecting", "silence", "deadline")

# A usual record is there within minutes; a row due for this long means that nobody fetches, or nobody can.
ALARM_AGE = timedelta(hours=1)
KEEPS_STORING = timedelta(minutes=10)  # since the last record: a worker is there
# A subscription of 70 hours is renewed when 48 are left. With half of its life gone and more, two passes of the
# slowest usual schedule (`--every 6h`) have failed; with two thirds gone nobody has passed for a day.
FAILING = 1 / 2
FORGOTTEN = 1 / 3
MANY_ABSENT = 5  # some short calls of bots never get a record: a few such ids, and nothing else to store, are no fault
SEVERAL = 2  # one lost notification before a quiet weekend is not yet a silence


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the work is not done: for one tenant, or for all where ``tenant_id`` is None."""

    reason: str
    detail: str
    tenant_id: str | None = None

    def shown(self) -> dict[str, str]:
        """As /readyz tells it."""
        tenant = {"tenant_id": self.tenant_id} if self.tenant_id else {}
        return {"reason": self.reason, **tenant, "detail": self.detail}


def reasons(state: Tenant, now: datetime) -> list[Reason]:
    """Everything that is wrong with the tenant; empty when it works."""
    return [Reason(name, text, state.tenant_id) for name, judge in _JUDGES.items() if (text := judge(state, now))]


def _subscription(state: Tenant, _now: datetime) -> str | None:
    if state.expires_at is not None:
        return None
    return f"no live subscription: {state.problem or 'run `callkeeper subscriptions ensure` and see what it says'}"


def _renewal(state: Tenant, now: datetime) -> str | None:
    renewed = state.renewed_at or state.subscribed_at
    if state.expires_at is None or renewed is None:
        return None
    left, life = state.expires_at - now, state.expires_at - renewed
    if state.problem and left < FAILING * life:
        return f"the subscription ends in {length(left)} and is not renewed: {state.problem}"
    if left < FORGOTTEN * life:
        return (
            f"the subscription ends in {length(left)} and nobody has renewed it for {length(now - renewed)}:"
            " let `callkeeper serve` or `callkeeper subscriptions ensure --every 6h` run"
        )
    return None


def _collecting(state: Tenant, now: datetime) -> str | None:
    """The first that holds: nobody fetches, or fetching fails for a reason that does not pass by itself."""
    due, risks, kept = state.depth.oldest_due, state.risks, state.kept_at
    if due is not None and now - due > ALARM_AGE:
        return f"a record has been due for {length(now - due)}: {_why_due(state, now)}"
    if risks.stuck_since is not None:
        return (
            f"{counted(risks.stuck, 'record')} could not be fetched, the first for {length(now - risks.stuck_since)}:"
            " `callkeeper inbox` shows why"
        )
    if risks.absent_since is not None and risks.absent >= MANY_ABSENT and (kept is None or now - kept > LATE):
        return (
            f"Graph answers 404 for every record it notified us of ({counted(risks.absent, 'record')}, the first for"
            f" {length(now - risks.absent_since)}), and nothing else was stored: see `callkeeper doctor`"
        )
    if _refuses(state, now):
        return (
            f"Graph refuses the records ({state.depth.failed} failed), and none was stored since: see"
            " `callkeeper inbox --state failed` and `callkeeper doctor`, then `callkeeper inbox retry --all-failed`"
        )
    return None


def _why_due(state: Tenant, now: datetime) -> str:
    if state.held_until is not None and state.held_until > now:
        return f"Graph asks to be left alone for {length(state.held_until - now)} more (Retry-After)"
    if state.kept_at is not None and now - state.kept_at < KEEPS_STORING:
        return f"{counted(state.depth.due, 'record')} wait and are being stored; to be faster run more workers"
    return "is a worker running? start `callkeeper worker` and read its log"


def _refuses(state: Tenant, now: datetime) -> bool:
    """One refused record may be a strange one; where an hour has brought nothing else, all are refused."""
    first, last, kept = state.risks.refused_since, state.risks.refused_at, state.kept_at
    if first is None or last is None:
        return False
    return (kept is None or kept < last) and now - max(first, kept or first) > ALARM_AGE


def _silence(state: Tenant, now: datetime) -> str | None:
    """Measured from the first call of which only a sweep told us: nights and weekends without calls do not count."""
    since, subscribed = state.unnotified_since, state.subscribed_at
    if since is None or subscribed is None or state.normal_silence is None or state.unnotified_calls < SEVERAL:
        return None
    told = max(subscribed, state.notified_at or subscribed)
    if since <= told or now - since <= state.normal_silence:
        return None
    return (
        f"no notification for {length(now - told)}, while sweeps found {state.unnotified_calls} calls that ended"
        f" since (normal are {length(state.normal_silence)} between calls): Graph does not reach PUBLIC_URL, or its"
        " subscription is dead; run `callkeeper doctor`. The sweeps go on collecting"
    )


def _deadline(state: Tenant, now: datetime) -> str | None:
    risks, said = state.risks, []
    if risks.first_end is not None:
        said.append(
            f"Graph deletes {counted(risks.ending, 'record')} that we do not have, the first in"
            f" {length(risks.first_end - now)}: `callkeeper inbox --state due` shows why"
        )
    if risks.first_failed_end is not None:
        said.append(
            f"Graph deletes {counted(risks.failed_ending, 'record')} that failed, the first in"
            f" {length(risks.first_failed_end - now)}: mend what `callkeeper inbox --state failed` says, then"
            " `callkeeper inbox retry --all-failed`"
        )
    return "; ".join(said) or None


_JUDGES: dict[str, Callable[[Tenant, datetime], str | None]] = {
    "subscription": _subscription,
    "renewal": _renewal,
    "collecting": _collecting,
    "silence": _silence,
    "deadline": _deadline,
}
