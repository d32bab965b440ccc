"""An entity as Graph answers it: the selected and expanded parts of the stored document, every value untouched.

Only the parts that belong to one answer are made again: context URLs and links, which in the document name Graph's
host.
"""

from collections.abc import Iterator
from typing import Any

from app.web.graph_api.odata.entity_types import SEGMENT, SESSION
from app.web.graph_api.odata.projection import Projection

_OF_ONE_ANSWER = ("odata.context", "odata.nextLink", "odata.deltaLink")
_ONLY_PARTICIPANTS_HAVE = {
    "associatedIdentity",
    "identity",
    "feedback",
    "name",
    "cpuName",
    "cpuCoresCount",
    "cpuProcessorSpeedInMhz",
}
_ONLY_CLIENTS_HAVE = {"platform", "productFamily", "communicationServiceId", "azureADAppId"}
_TYPES = "#microsoft.graph.callRecords."


def shaped(value: Any, wanted: Projection, url: str) -> Any:
    """The entity; ``url`` is its own context URL, for the lists below it. What is no object stays as it is."""
    if not isinstance(value, dict):
        return value
    entity = dict(_members(value, wanted, url))
    if wanted.of in (SESSION, SEGMENT):
        for end in ("caller", "callee"):
            if isinstance(entity.get(end), dict):
                entity[end] = _typed_endpoint(entity[end])
    return entity


def without_nulls(value: Any) -> Any:
    """``Prefer: omit-values=nulls``: properties that are null are left out, on every level."""
    match value:
        case dict():
            return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [without_nulls(inner) for inner in value]
    return value


def _members(value: dict[str, Any], wanted: Projection, url: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        member, is_annotated, annotation = name.partition("@")
        if is_annotated and annotation in _OF_ONE_ANSWER:
            if annotation == "odata.context" and member in wanted.of.expandable and _wants(wanted, member):
                yield name, f"{url}/{member}{'/$entity' if member in wanted.of.automatic else ''}"
        elif member == "" or _wants(wanted, member):
            yield name, _below(inner, wanted, member, url) if name in wanted.of.expandable else inner


def _wants(wanted: Projection, name: str) -> bool:
    if name in wanted.of.expandable and name not in wanted.of.automatic:
        return name in wanted.expand
    return wanted.select is None or name in wanted.select or name in wanted.expand or name == "id"


def _below(value: Any, wanted: Projection, name: str, url: str) -> Any:
    inner = wanted.expand.get(name) or Projection(wanted.of.expandable[name])
    if isinstance(value, list):
        return [shaped(item, inner, f"{url}/{name}{key(item)}") for item in value]
    return shaped(value, inner, f"{url}/{name}")


def key(item: Any) -> str:
    """``('id')``, as a context URL names one item of a list."""
    found = item.get("id") if isinstance(item, dict) else None
    return f"('{found}')" if isinstance(found, str) else ""


def _typed_endpoint(endpoint: dict[str, Any]) -> dict[str, Any]:
    """With the types by which an SDK chooses its class, where Graph's answer lacked them: without one a client's
    processor or a service's role cannot be read.
    """
    agent = endpoint.get("userAgent")
    if isinstance(agent, dict):
        endpoint = {**endpoint, "userAgent": _typed(agent, _agent_type(agent))}
    kind = "participantEndpoint" if not _ONLY_PARTICIPANTS_HAVE.isdisjoint(endpoint) else "serviceEndpoint"
    return _typed(endpoint, kind if endpoint else None)


def _agent_type(agent: dict[str, Any]) -> str | None:
    if "role" in agent:
        return "serviceUserAgent"
    return "clientUserAgent" if not _ONLY_CLIENTS_HAVE.isdisjoint(agent) else None


def _typed(value: dict[str, Any], kind: str | None) -> dict[str, Any]:
    if kind is None or "@odata.type" in value:
        return value
    return {"@odata.type": _TYPES + kind, **value}
