"""What Graph posts to us, read into items; no I/O, and nothing in it is believed beyond the ids.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
https://learn.microsoft.com/graph/change-notifications-lifecycle-events
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from app.graph import documents

Reason = Literal["malformed", "call_id", "change_type", "resource", "client_state", "tenant"]

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# Graph writes it with and without a leading slash and in other letter cases; OData allows callRecords('id').
_RESOURCE = re.compile(r"(?:\A|/)communications/callRecords(?:\Z|[/(])", re.IGNORECASE)
_LAST_SEGMENT = re.compile(r"[/'(]([0-9A-Fa-f-]{36})(?:'\))?\Z")
_CHANGES = frozenset({"created", "updated"})
_LONGEST_TEXT = 1_000


class NotACollection(ValueError):
    """The body is not JSON, or not an object with a list in `value`."""


@dataclass(frozen=True, slots=True)
class ChangeNotification:
    """A call record is there or has a new version.

    Ids are in lower case: they compare without it at Graph, and with it in a database.
    """

    tenant_id: str
    call_id: str
    subscription_id: str | None
    client_state: str | None
    change_type: str


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """Something happened to a subscription; `event` is Graph's word for it, known or not."""

    tenant_id: str | None
    subscription_id: str
    client_state: str | None
    event: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An item that is none of ours, and why; the other items of its collection are not touched by it."""

    reason: Reason


Item = ChangeNotification | LifecycleEvent | Ignored


def read(body: bytes) -> list[Item]:
    """One item for each entry of the collection, in its order; NotACollection if it is none."""
    try:
        collection = documents.parsed(body)
    except ValueError as error:
        raise NotACollection("the body is not JSON") from error
    entries = collection.get("value") if isinstance(collection, dict) else None
    if not isinstance(entries, list):
        raise NotACollection('the body is not an object with a list in "value"')
    return [_item(entry) for entry in entries]


def _item(entry: Any) -> Item:
    if not isinstance(entry, dict):
        return Ignored("malformed")
    return _change(entry) if entry.get("lifecycleEvent") is None else _lifecycle(entry)


def _lifecycle(entry: dict[str, Any]) -> LifecycleEvent | Ignored:
    # The schema demands resource and changeType here too, but Graph does not send them.
    event, subscription_id = _text(entry.get("lifecycleEvent")), _text(entry.get("subscriptionId"))
    if not event or not subscription_id:
        return Ignored("malformed")
    return LifecycleEvent(_guid(entry.get("tenantId")), subscription_id, _text(entry.get("clientState")), event)


def _change(entry: dict[str, Any]) -> ChangeNotification | Ignored:
    change_type = entry.get("changeType")
    if not isinstance(change_type, str) or not _is_change(change_type):
        return Ignored("change_type")
    resource = _resource(entry)
    if not _RESOURCE.search(resource):
        return Ignored("resource")
    call_id = _given_id(entry) or _last_segment(resource)
    if call_id is None:
        return Ignored("call_id")
    tenant_id = _guid(entry.get("tenantId"))
    if tenant_id is None:
        return Ignored("tenant")
    return ChangeNotification(
        tenant_id, call_id, _text(entry.get("subscriptionId")), _text(entry.get("clientState")), change_type
    )


def _is_change(change_type: str) -> bool:
    return change_type in _CHANGES or _CHANGES.issuperset(change_type.split(","))


def _resource(entry: dict[str, Any]) -> str:
    resource = entry.get("resource")
    if resource is None and isinstance(given := entry.get("resourceData"), dict):
        resource = given.get("@odata.id")
    return resource if isinstance(resource, str) and len(resource) <= _LONGEST_TEXT else ""


def _given_id(entry: dict[str, Any]) -> str | None:
    given = entry.get("resourceData")
    return _guid(given.get("id")) if isinstance(given, dict) else None


def _last_segment(resource: str) -> str | None:
    found = _LAST_SEGMENT.search(resource)
    return _guid(found[1]) if found else None


def _guid(value: object) -> str | None:
    return value.lower() if isinstance(value, str) and _GUID.fullmatch(value) else None


def _text(value: object) -> str | None:
    # What the database cannot store or a hash cannot take is no text of Graph's.
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or "\0" in value:
        return None
    return value if value.isascii() or _is_encodable(value) else None


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
