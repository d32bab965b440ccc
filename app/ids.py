"""The ids of call records and tenants as types: one normal form of each.

Graph compares ids without letter case, and a database does not. So each edge normalises an id once: the webhook, the
list of call records, settings, the command line, routes. All code below the edges takes these types.
"""

import re
from typing import NewType
from uuid import UUID

CallId = NewType("CallId", str)
TenantId = NewType("TenantId", str)

GUID = re.compile(
    r"[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[)}]?", re.IGNORECASE
)


def call_id(given: str | UUID) -> CallId:
    return CallId(_normal(str(given)))


def tenant_id(given: str | UUID) -> TenantId:
    return TenantId(_normal(str(given)))


def is_same(one: str, other: str) -> bool:
    """Whether two ids are the same to Graph."""
    return _normal(one) == _normal(other)


def guid(text: str) -> str | None:
    """A GUID in lower case, with dashes and without braces; None for any other text."""
    found = GUID.fullmatch(text.strip())
    return "-".join(found.groups()).lower() if found else None


def _normal(text: str) -> str:
    """A GUID in its usual form. Graph's ids of call records are GUIDs; an id of another form keeps its characters."""
    return guid(text) or text.strip().lower()
