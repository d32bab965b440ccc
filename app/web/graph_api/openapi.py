"""The query options of the Graph-compatible routes for `/openapi.json`: they are read by ``odata``, not by FastAPI."""

from typing import Any

_OPTIONS = {
    "$select": "Properties, separated by commas.",
    "$expand": "`sessions`, `sessions($expand=segments)`, `participants_v2`, separated by commas, each with a nested "
    "`$select` and `$expand` of its own; for sessions `segments`.",
    "$filter": "`startDateTime` with `ge`, `gt`, `le`, `lt`; `participants_v2/any(p:p/id eq 'id')`; `and`, brackets.",
    "$top": "The most items of one page; further ones come with `@odata.nextLink`.",
    "$count": "`true`: the number of all items as `@odata.count`.",
    "$skiptoken": "From `@odata.nextLink`; never one's own.",
}
_PREFER = "`odata.maxpagesize=N`, `omit-values=nulls`, `include-unknown-enum-members`, separated by commas."


def described(allowed: frozenset[str]) -> dict[str, Any]:
    """Keyword arguments for a route that understands these options."""
    text = {"type": "string"}
    parameters = [
        {"name": name, "in": "query", "required": False, "description": meaning, "schema": text}
        for name, meaning in _OPTIONS.items()
        if name in allowed
    ]
    prefer = {"name": "Prefer", "in": "header", "required": False, "description": _PREFER, "schema": text}
    return {"openapi_extra": {"parameters": [*parameters, prefer]}}
