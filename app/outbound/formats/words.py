"""The title and the facts of an event for people, and its severity. Pure."""

from typing import Any

from app.outbound.formats.message import Message, written

_TITLES = {
    "call.archived": "Call archived",
    "call.updated": "Call updated",
    "call.poor": "Call with poor quality",
    "inbox.failed": "Record could not be fetched",
    "subscription.expiring": "Subscription ends soon",
    "alert.firing": "Alert",
    "alert.resolved": "Alert is over",
    "test.ping": "Test of a webhook",
}
_SEVERITIES = {
    "call.poor": "warning",
    "inbox.failed": "warning",
    "subscription.expiring": "critical",
}
_NOT_SHOWN = {"fingerprint", "title", "severity", "dimensions"}


def title(message: Message) -> str:
    """An alert has its own."""
    own = message.data.get("title")
    plain = _TITLES.get(message.kind, message.kind)
    return f"{plain}: {own}" if own else plain


def severity(message: Message) -> str:
    """``critical``, ``warning`` or ``info``."""
    return str(message.data.get("severity") or _SEVERITIES.get(message.kind, "info"))


def facts(message: Message) -> list[tuple[str, str]]:
    """What the data says, in its order; values that are not known are left out."""
    dimensions = message.data.get("dimensions") or {}
    shown = {**dimensions, **{name: value for name, value in message.data.items() if name not in _NOT_SHOWN}}
    found = [(name.replace("_", " "), _text(value)) for name, value in shown.items() if value is not None]
    return [*found, ("written", written(message.created_at))]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
