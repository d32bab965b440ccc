"""What can be reported to webhooks. Pure."""

from typing import Any, NamedTuple

from app.ids import CallId, TenantId

CALL_ARCHIVED, CALL_UPDATED, CALL_POOR = "call.archived", "call.updated", "call.poor"
INBOX_FAILED, SUBSCRIPTION_EXPIRING = "inbox.failed", "subscription.expiring"
ALERT_FIRING, ALERT_RESOLVED = "alert.firing", "alert.resolved"
TEST_PING = "test.ping"

MEANINGS = {
    CALL_ARCHIVED: "A call was archived for the first time.",
    CALL_UPDATED: "An archived call was replaced by a newer or more complete version.",
    CALL_POOR: "A call was archived with poor quality, or became poor with a newer version; once for each call.",
    INBOX_FAILED: "A record could not be fetched, and retrying alone will not help.",
    SUBSCRIPTION_EXPIRING: "The subscription at Graph ends within a day and could not be renewed.",
    ALERT_FIRING: "An alert fires, or still fires after a day.",
    ALERT_RESOLVED: "An alert is over.",
    TEST_PING: "`callkeeper webhooks test`. Every webhook receives it.",
}
SUBSCRIBABLE = tuple(kind for kind in MEANINGS if kind != TEST_PING)


class Event(NamedTuple):
    """One event. Events of the same ``subject`` are delivered in the order in which they were written.

    ``data`` becomes JSON: ids, counts and verdicts, but no name, number or address of a person.
    """

    kind: str
    subject: str
    tenant_id: TenantId | None
    data: dict[str, Any]


def call_event(kind: str, tenant_id: TenantId, call_id: CallId, **data: Any) -> Event:
    """Its subject is the call."""
    return Event(kind, call_id, tenant_id, {"tenant_id": tenant_id, "call_id": call_id, **data})
