"""Reads the bodies that Graph posts into items; no I/O, and nothing but ids is used.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
https://learn.microsoft.com/graph/change-notifications-lifecycle-events
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from app import wire
from app.graph.notifications.resource_forms import LONGEST_TEXT, call_id, tenant_id
from app.graph.notifications.shape import shape
from app.ids import CallId, TenantId

Reason = Literal["malformed", "call_id", "change_type", "resource", "client_state", "tenant"]

# A genuine entry has over 300 bytes and about 15 values, so that 4 MiB hold no more of either.
MOST_ENTRIES = 10_000
MOST_VALUES = 300_000

_CHANGES = frozenset({"created", "updated"})
_DELETED = "deleted"  # documented, and without a meaning for call records


class NotACollection(ValueError):
    """The body is not JSON, or not an object with a list in `value`."""


class TooManyEntries(ValueError):
    """More entries or values than any genuine collection of 4 MiB has."""


@dataclass(frozen=True, slots=True)
class ChangeNotification:
    """A call record is available or has a new version.

    The ids of the call and the tenant are in their normal form.
    """

    tenant_id: TenantId
    call_id: CallId
    subscription_id: str | None
    client_state: str | None
    change_type: str


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """An event of a subscription; `event` is Graph's name for it, known to us or not."""

    tenant_id: TenantId | None
    subscription_id: str
    client_state: str | None
    event: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An item that leads to no call record, and why; the other items of its collection are not affected.

    `tenant_id` and `client_state` are as given, so that the receiver can find out whether Graph sent it. `shape` says
    how it is written and nothing of its content; None where there is nothing that was not understood.
    """

    reason: Reason
    tenant_id: TenantId | None = field(default=None, compare=False)
    client_state: str | None = field(default=None, compare=False)
    shape: str | None = field(default=None, compare=False)


Item = ChangeNotification | LifecycleEvent | Ignored


def entries(body: bytes | bytearray) -> list[Any]:
    """The entries of a collection, each for `item`; NotACollection if it is none, TooManyEntries if it has too many.

    Bodies that would need much more memory as objects than as text are refused before they are parsed.
    """
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_VALUES:
        raise TooManyEntries
    try:
        collection = wire.parsed(body)
    except ValueError as error:
        raise NotACollection("the body is not JSON") from error
    found = collection.get("value") if isinstance(collection, dict) else None
    if not isinstance(found, list):
        raise NotACollection('the body is not an object with a list in "value"')
    if len(found) > MOST_ENTRIES:
        raise TooManyEntries
    return found


def item(entry: Any) -> Item:
    """One entry of a collection, read: what happened, or why it is ignored."""
    if not isinstance(entry, dict):
        return Ignored("malformed")
    return _change(entry) if entry.get("lifecycleEvent") is None else _lifecycle(entry)


def _lifecycle(entry: dict[str, Any]) -> LifecycleEvent | Ignored:
    # The schema demands resource and changeType here too, but Graph does not send them.
    event, subscription_id = _text(entry.get("lifecycleEvent")), _text(entry.get("subscriptionId"))
    if not event or not subscription_id:
        return _not_understood("malformed", entry)
    return LifecycleEvent(tenant_id(entry.get("tenantId")), subscription_id, _text(entry.get("clientState")), event)


def _change(entry: dict[str, Any]) -> ChangeNotification | Ignored:
    change_type = entry.get("changeType")
    if not isinstance(change_type, str) or not _is_change(change_type):
        is_deleted = isinstance(change_type, str) and change_type.lower() == _DELETED
        return Ignored("change_type") if is_deleted else _not_understood("change_type", entry)
    found, reason = call_id(entry.get("resource"), entry.get("resourceData"))
    if found is None:
        return _not_understood(reason or "call_id", entry)
    tenant = tenant_id(entry.get("tenantId"))
    if tenant is None:
        return Ignored("tenant")
    return ChangeNotification(
        tenant, found, _text(entry.get("subscriptionId")), _text(entry.get("clientState")), change_type
    )


def _not_understood(reason: Reason, entry: dict[str, Any]) -> Ignored:
    return Ignored(reason, tenant_id(entry.get("tenantId")), _text(entry.get("clientState")), shape(entry))


def _is_change(change_type: str) -> bool:
    if change_type in _CHANGES:
        return True
    words = change_type.lower().split(",") if len(change_type) <= LONGEST_TEXT else [""]
    return all(word.strip() in _CHANGES for word in words)


def _text(value: object) -> str | None:
    # Graph sends no text that a database cannot store or that cannot be hashed.
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
        return None
    return value if value.isascii() or _is_encodable(value) else None


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
