"""Can what Graph sends be read? Notifications with our client state that have no known form; pure."""

from datetime import datetime, timedelta

from app.doctor.durations import span
from app.doctor.finding import Check, ok, warning
from app.health.durations import counted
from app.health.tenant import Tenant

NAME = "notifications"
RECENT = timedelta(days=7)
_REPORT = (
    "update Callkeeper; if the newest version does not read them either, report this form, which holds no content."
    " Sweeps collect these calls"
)


def check(state: Tenant, now: datetime) -> Check:
    """A warning for a week after the last one that was not understood."""
    last, total = state.not_understood_at, state.not_understood_total
    if last is None or now - last > RECENT:
        return ok(NAME, _last(state, now), state.tenant_id)
    found = (
        f"{counted(total, 'notification')} from Graph could not be read, the last one {span(now - last)} ago:"
        f" {state.not_understood_shape}"
    )
    return warning(NAME, found, _REPORT, state.tenant_id)


def _last(state: Tenant, now: datetime) -> str:
    if state.notified_at is None:
        return "none has come yet"
    return f"the last one came {span(now - state.notified_at)} ago, and all of the last 7 days could be read"
