"""Checks that the PSTN and Direct Routing logs are read, where PSTN_EVERY is set. Pure."""

from datetime import datetime, timedelta

from app.doctor.finding import Check, failed, ok, warning
from app.health.tenant import Tenant
from app.settings.units import describe_duration, write_duration
from app.telephony.sync.overview import LogState

NAME = "call_logs"
_RUN = "keep `callkeeper serve` or `callkeeper worker` running, or run `callkeeper pstn sync`; both say why it fails"
_GRANT = "grant CallRecords.Read.All with admin consent (see the finding on the role), then run `callkeeper pstn sync`"


def check(state: Tenant, every: timedelta | None, now: datetime) -> Check:
    """One finding for both logs of a tenant: the worst."""
    if every is None:
        return ok(NAME, "PSTN_EVERY is not set: the logs are not read", state.tenant_id)
    if not state.call_logs:
        return warning(NAME, "no log was read yet", _RUN, state.tenant_id)
    found = [_of_log(log, every, now) for log in state.call_logs]
    worst = max(found, key=lambda check: ("ok", "warning", "failed").index(check.state))
    return worst if worst.state != "ok" else ok(NAME, "; ".join(check.found for check in found), state.tenant_id)


def _of_log(log: LogState, every: timedelta, now: datetime) -> Check:
    name = {"pstn": "the PSTN log", "direct_routing": "the Direct Routing log"}.get(log.kind, log.kind)
    if log.state == "not_permitted":
        return failed(NAME, f"Graph refuses {name}: {log.error}", _GRANT, log.tenant_id)
    if log.read_at is None:
        return warning(NAME, f"{name} was never read: {log.error}", _RUN, log.tenant_id)
    age = now - log.read_at
    found = f"{name} was read {describe_duration(age)} ago"
    if age > 3 * every:
        why = f": {log.error}" if log.error else ""
        return warning(NAME, f"{found}; it should be every {write_duration(every)}{why}", _RUN, log.tenant_id)
    return ok(NAME, found, log.tenant_id)
