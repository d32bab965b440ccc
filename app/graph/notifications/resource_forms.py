"""The call id in a notification: every form in which Graph names a call record; pure.

`communications/callRecords/{id}` and `communications/callRecords('{id}')`, in any letter case, with or without a
leading slash or Graph's root, with percent-encoded quotes, and in `resource` or in `resourceData`.
https://learn.microsoft.com/graph/api/resources/changenotification
"""

import re
from typing import Any, Literal
from urllib.parse import unquote

from app import ids
from app.ids import CallId, TenantId

LONGEST_TEXT = 1_000

_GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(rf"\{{?({_GUID})\}}?", re.IGNORECASE)
_CALL_RECORDS = re.compile(r"(?:\A|/)communications/callRecords(?=\Z|[/(])", re.IGNORECASE)
_KEY = re.compile(rf"/?(?:\((?:id=)?)?['\"]?\{{?({_GUID})\}}?['\"]?\)?/?", re.IGNORECASE)
_ODATA_ID = ("@odata.id", "odataid", "odata.id")


def tenant_id(value: object) -> TenantId | None:
    return ids.tenant_id(value) if isinstance(value, str) and _ID.fullmatch(value) else None


def call_id(resource: object, resource_data: object) -> tuple[CallId | None, Literal["resource", "call_id"] | None]:
    """The id of the call that a notification is about, or None with what was not understood.

    ``resource``: it is not about a call record. ``call_id``: it is, and the id has no known form.
    """
    data = _lower_names(resource_data)
    paths = [path for name in _ODATA_ID if (path := data.get(name)) not in (None, "")]
    if resource not in (None, ""):
        paths.insert(0, resource)
    given = _id(data.get("id"))
    if not paths:  # our subscriptions are to call records, so an id alone says enough
        return (given, None) if given else (None, "resource")
    keys = [_key(path) for path in paths]
    if keys[0] is None:
        return None, "resource"
    found = given or next((named for key in keys if key and (named := _id_in(key))), None)
    return (found, None) if found else (None, "call_id")


def _key(path: object) -> str | None:
    """The part after `callRecords`, decoded once; None where the path is not about call records."""
    if not isinstance(path, str) or len(path) > LONGEST_TEXT:
        return None
    decoded = unquote(path)
    found = _CALL_RECORDS.search(decoded)
    return decoded[found.end() :] if found else None


def _id(value: object) -> CallId | None:
    return ids.call_id(value) if isinstance(value, str) and _ID.fullmatch(value) else None


def _id_in(key: str) -> CallId | None:
    found = _KEY.fullmatch(key)
    return ids.call_id(found[1]) if found else None


def _lower_names(value: object) -> dict[str, Any]:
    return {str(name).lower(): member for name, member in value.items()} if isinstance(value, dict) else {}
