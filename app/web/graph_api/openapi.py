"""The query options of the Graph-compatible routes for `/openapi.json`: they are read by ``odata``, not by FastAPI."""

from typing import Any

from starlette.responses import PlainTextResponse

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


def counted(allowed: frozenset[str]) -> dict[str, Any]:
    """The same for a route that answers a number as text."""
    return described(allowed) | {"response_class": PlainTextResponse}


def batch_described() -> dict[str, Any]:
    """The same for `$batch`, whose body is read by ``batch_body``."""
    text, strings = {"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}
    one = {
        "type": "object",
        "required": ["id", "method", "url"],
        "properties": {
            "id": text | {"description": "Unique in the batch; letter case does not count."},
            "method": text | {"examples": ["GET"]},
            "url": text
            | {"description": "Relative, with or without `/v1.0`.", "examples": ["/communications/callRecords"]},
            "headers": strings | {"description": "`Prefer` and `client-request-id`."},
            "dependsOn": {"type": "array", "items": text, "description": "Ids of requests that must succeed first."},
        },
    }
    body = {
        "type": "object",
        "required": ["requests"],
        "properties": {"requests": {"type": "array", "minItems": 1, "maxItems": 20, "items": one}},
    }
    return {"openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}}
