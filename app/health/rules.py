"""Health rules: what is wrong with a tenant and what to do. Pure, so that each case is one line of a test table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.health.durations import counted
from app.health.inbox_risks import LATE
from app.health.tenant import Tenant
from app.ids import TenantId
from app.settings.units import describe_duration

REASONS = ("database", "migration", "storing", "subscription", "renewal", "collecting", "silence", "deadline")

# A record is normally fetched within minutes; a row due for this long means that no worker fetches, or fetching fails.
ALARM_AGE = timedelta(hours=1)
REFUSED = timedelta(minutes=1)  # a shorter storm of refusals is over before anyone could act
STILL_STORING = timedelta(minutes=10)  # since the last record: a worker is running
# A subscription of 70 hours is renewed when 48 are left. With more than half of its life gone, two passes of the
# slowest usual schedule (`--every 6h`) have failed; with two thirds gone, no process has tried for a day.
FAILING = 1 / 2
FORGOTTEN = 1 / 3
MANY_ABSENT = 5  # some short calls of bots never get a record: a few such ids, and nothing else to store, are normal
SEVERAL = 2  # one lost notification before a quiet weekend is not a silence


@dataclass(frozen=True, slots=True)
class Reason:
    """Why calls are not collected: for one tenant, or for all tenants if ``tenant_id`` is None."""

    reason: str
    detail: str
    tenant_id: TenantId | None = None

    def as_json(self) -> dict[str, str]:
        """As in the answer of /readyz."""
        tenant = {"tenant_id": self.tenant_id} if self.tenant_id else {}
        return {"reason": self.reason, **tenant, "detail": self.detail}


def reasons(state: Tenant, now: datetime) -> list[Reason]:
    """Everything that is wrong with the tenant; empty if its calls are collected."""
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
        return f"the subscription expires in {describe_duration(left)} and is not renewed: {state.problem}"
    if left < FORGOTTEN * life:
        return (
            f"the subscription expires in {describe_duration(left)} and no process has renewed it for"
            f" {describe_duration(now - renewed)}: run `callkeeper serve`, or"
            " `callkeeper subscriptions ensure --every 6h`"
        )
    return None


def _collecting(state: Tenant, now: datetime) -> str | None:
    """The first that applies: no worker fetches, or fetching fails and retrying alone will not help."""
    if refused := every_record_refused(state, now):
        return refused
    due, risks, stored = state.depth.oldest_due, state.risks, state.stored_at
    if due is not None and now - due > ALARM_AGE:
        return f"a record has been due for {describe_duration(now - due)}: {_why_due(state, now)}"
    if risks.stuck_since is not None:
        return (
            f"{counted(risks.stuck, 'record')} could not be fetched, the first for"
            f" {describe_duration(now - risks.stuck_since)}: `callkeeper inbox` shows why"
        )
    if risks.absent_since is not None and risks.absent >= MANY_ABSENT and (stored is None or now - stored > LATE):
        return (
            f"Graph answers 404 for every record it notified us of ({counted(risks.absent, 'record')}, the first for"
            f" {describe_duration(now - risks.absent_since)}), and nothing else was stored: run `callkeeper doctor`"
        )
    if _refuses(state, now):
        return (
            f"Graph refuses the requests ({counted(state.depth.failed, 'record')} failed), and no record was stored"
            " since: fix what `callkeeper inbox --state failed` and `callkeeper doctor` show, then run"
            " `callkeeper inbox retry --all-failed`"
        )
    return None


def every_record_refused(state: Tenant, now: datetime) -> str | None:
    """Graph answers 403 for all records of the tenant, and has done so for longer than a short storm."""
    if state.refused_since is None or now - state.refused_since < REFUSED:
        return None
    return (
        f"Graph has refused every record for {describe_duration(now - state.refused_since)} ({state.refused_reason})."
        f" {counted(state.depth.due, 'record')} waiting; they are fetched automatically once Graph accepts requests"
        " again: grant the application CallRecords.Read.All with admin consent, then check with `callkeeper doctor`"
    )


def _why_due(state: Tenant, now: datetime) -> str:
    if state.throttled_until is not None and state.throttled_until > now:
        return f"Graph throttles requests for another {describe_duration(state.throttled_until - now)} (Retry-After)"
    if state.stored_at is not None and now - state.stored_at < STILL_STORING:
        return f"{counted(state.depth.due, 'record')} waiting, and records are being stored; run more workers"
    return "is a worker running? start `callkeeper worker` and read its log"


def _refuses(state: Tenant, now: datetime) -> bool:
    """One refused record may be an exception; if no other record came in an hour, all are refused."""
    first, last, stored = state.risks.refused_since, state.risks.refused_at, state.stored_at
    if first is None or last is None:
        return False
    return (stored is None or stored < last) and now - max(first, stored or first) > ALARM_AGE


def _silence(state: Tenant, now: datetime) -> str | None:
    """Measured from the first call found only by a sweep: nights and weekends without calls do not count."""
    since, subscribed = state.unnotified_since, state.subscribed_at
    if since is None or subscribed is None or state.normal_silence is None or state.unnotified_calls < SEVERAL:
        return None
    last_notified = max(subscribed, state.notified_at or subscribed)
    if since <= last_notified or now - since <= state.normal_silence:
        return None
    return (
        f"no notification for {describe_duration(now - last_notified)}, while sweeps found {state.unnotified_calls}"
        f" calls that ended since (normal: at most {describe_duration(state.normal_silence)} between calls). Graph"
        " does not reach PUBLIC_URL, or the subscription no longer works: run `callkeeper doctor`. Sweeps collect the"
        " calls"
    )


def _deadline(state: Tenant, now: datetime) -> str | None:
    risks, details = state.risks, []
    if risks.first_end is not None:
        details.append(
            f"Graph deletes {counted(risks.ending, 'record')} missing from the archive, the first in"
            f" {describe_duration(risks.first_end - now)}: `callkeeper inbox --state due` shows why"
        )
    if risks.first_failed_end is not None:
        details.append(
            f"Graph deletes {counted(risks.failed_ending, 'record')} that failed, the first in"
            f" {describe_duration(risks.first_failed_end - now)}: fix what `callkeeper inbox --state failed` shows,"
            " then run `callkeeper inbox retry --all-failed`"
        )
    return "; ".join(details) or None


_JUDGES: dict[str, Callable[[Tenant, datetime], str | None]] = {
    "subscription": _subscription,
    "renewal": _renewal,
    "collecting": _collecting,
    "silence": _silence,
    "deadline": _deadline,
}
