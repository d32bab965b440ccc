"""Checks that records are collected: the oldest due row, and the last sweep of Graph's list. Pure."""

from datetime import datetime, timedelta

from app.doctor.finding import Check, failed, ok, warning
from app.health.rules import ALARM_AGE, every_record_refused
from app.health.tenant import Tenant
from app.inbox.rows import Depth
from app.settings.units import describe_duration, write_duration

WORKER, RECONCILIATION = "worker", "reconciliation"
_FETCH = "is a worker running? start `callkeeper worker`, or `serve` without --no-worker; its log says why it fails"


def worker(state: Tenant, now: datetime) -> Check:
    depth = state.depth
    if refused := every_record_refused(state, now):
        return failed(WORKER, refused, "see the findings on the login and the permission", state.tenant_id)
    late = now - depth.oldest_due if depth.oldest_due else timedelta(0)
    if late > ALARM_AGE:
        found = f"a record has been due for {describe_duration(late)}; {depth.due} in total"
        return failed(WORKER, found, _FETCH, state.tenant_id)
    if given_up := _given_up(depth):
        remedy = (
            "fix the cause that `callkeeper inbox --state failed` shows, then run `callkeeper inbox retry --all-failed`"
        )
        return warning(WORKER, given_up, remedy, state.tenant_id)
    waiting = f"{depth.due} waiting, none for long" if depth.due else "every notified call is collected"
    return ok(WORKER, waiting, state.tenant_id)


def reconciliation(state: Tenant, every: timedelta, now: datetime) -> Check:
    """After three intervals without a sweep, two sweeps have failed."""
    run = "keep `callkeeper serve` or `callkeeper worker` running: they sweep; their log says why a sweep failed"
    if state.reconciled_at is None:
        return warning(RECONCILIATION, "no sweep of Graph's list has completed yet", run, state.tenant_id)
    age = now - state.reconciled_at
    ago = f"the last sweep of Graph's list was {describe_duration(age)} ago"
    if age > 3 * every:
        found = f"{ago}; there should be one every {write_duration(every)}"
        return warning(RECONCILIATION, found, run, state.tenant_id)
    return ok(RECONCILIATION, ago, state.tenant_id)


def _given_up(depth: Depth) -> str | None:
    given_up = [f"{count} {word}" for count, word in ((depth.failed, "failed"), (depth.expired, "expired")) if count]
    return f"not collected: {' and '.join(given_up)}" if given_up else None
