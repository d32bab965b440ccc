"""Checks that notifications can be read: those with our client state in an unknown form. Pure."""

from datetime import datetime, timedelta

from app.doctor.finding import Check, ok, warning
from app.health.durations import counted
from app.health.tenant import Tenant
from app.settings.units import describe_duration

NAME = "notifications"
RECENT = timedelta(days=7)
_REPORT = (
    "update Callkeeper; if the newest version cannot read them either, report this form, which has no content of the"
    " call. Sweeps collect these calls"
)


def check(state: Tenant, now: datetime) -> Check:
    """A warning for a week after the last notification in an unknown form."""
    last, total = state.not_understood_at, state.not_understood_total
    if last is None or now - last > RECENT:
        return ok(NAME, _last(state, now), state.tenant_id)
    found = (
        f"{counted(total, 'notification')} from Graph could not be read, the last one"
        f" {describe_duration(now - last)} ago: {state.not_understood_shape}"
    )
    return warning(NAME, found, _REPORT, state.tenant_id)


def _last(state: Tenant, now: datetime) -> str:
    if state.notified_at is None:
        return "none has arrived yet"
    ago = describe_duration(now - state.notified_at)
    return f"the last one arrived {ago} ago; all notifications of the last 7 days could be read"
