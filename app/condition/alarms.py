"""What is wrong with a tenant, and what to do: pure, so that every case is a line in a table of tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.condition.tenant import Tenant

# A usual record is there within minutes; a row due for this long means that nobody fetches, or nobody can.
ALARM_AGE = timedelta(hours=1)


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
    found = []
    if state.expires_at is None:
        problem = state.problem or "run `callkeeper subscriptions ensure` and see what it says"
        found.append(Reason("subscription", f"no live subscription: {problem}", state.tenant_id))
    oldest = state.depth.oldest_due
    if oldest is not None and now - oldest > ALARM_AGE:
        hours = (now - oldest).total_seconds() / 3600
        text = f"a record has been due for {hours:.1f} hours: is a worker running?"
        found.append(Reason("collecting", text, state.tenant_id))
    return found
