"""An event on its way to a webhook. Pure."""

from datetime import UTC, datetime
from typing import Any, NamedTuple


class Message(NamedTuple):
    event_id: str
    kind: str
    created_at: datetime
    data: dict[str, Any]
    href: str
    """A page of Callkeeper, which needs a key."""


_PAGES = {"inbox.failed": "/inbox?state=failed", "subscription.expiring": "/subscriptions", "test.ping": "/webhooks"}


def path(kind: str, data: dict[str, Any]) -> str:
    """The page that shows more of an event."""
    if kind in _PAGES:
        return _PAGES[kind]
    if kind.startswith("alert."):
        return f"/alerts?id={data['fingerprint']}"
    return f"/calls/{data['call_id']}"


def written(moment: datetime) -> str:
    """In UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
