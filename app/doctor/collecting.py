"""Does somebody do the work? The oldest row that is due, and the last sweep of Graph's list; pure."""

from datetime import datetime, timedelta

from app.doctor.durations import span
from app.doctor.finding import Check, failed, ok, warning
from app.health.rules import ALARM_AGE
from app.health.tenant import Tenant
from app.inbox.rows import Depth
from app.settings.units import write_duration

WORKER, RECONCILIATION = "worker", "reconciliation"
_FETCH = "is a worker running? start `callkeeper worker`, or `serve` without --no-worker; its log tells the reason"


def worker(state: Tenant, now: datetime) -> Check:
    depth = state.depth
    late = now - depth.oldest_due if depth.oldest_due else timedelta(0)
    if late > ALARM_AGE:
        found = f"a record has been due for {span(late)}; {depth.due} are due"
        return failed(WORKER, found, _FETCH, state.tenant_id)
    if lost := _given_up(depth):
        remedy = "read `callkeeper inbox --state failed`, mend, then `callkeeper inbox retry --all-failed`"
        return warning(WORKER, lost, remedy, state.tenant_id)
    waiting = f"{depth.due} still to be collected, none for long" if depth.due else "all that was notified is collected"
    return ok(WORKER, waiting, state.tenant_id)


def reconciliation(state: Tenant, every: timedelta, now: datetime) -> Check:
    """A sweep that is three times late has failed twice."""
    run = "keep `callkeeper serve` or `callkeeper worker` running: they sweep; their log tells why one failed"
    if state.reconciled_at is None:
        return warning(RECONCILIATION, "no sweep of Graph's list has come to its end yet", run, state.tenant_id)
    age = now - state.reconciled_at
    ago = f"the last sweep of Graph's list was {span(age)} ago"
    if age > 3 * every:
        return warning(RECONCILIATION, f"{ago}, and it should be every {write_duration(every)}", run, state.tenant_id)
    return ok(RECONCILIATION, ago, state.tenant_id)


def _given_up(depth: Depth) -> str | None:
    lost = [f"{count} {word}" for count, word in ((depth.failed, "failed"), (depth.expired, "expired")) if count]
    return f"of the calls notified, {' and '.join(lost)}" if lost else None
