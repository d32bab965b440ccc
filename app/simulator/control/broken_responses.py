"""Broken response bodies: pure functions from a correct body to a wrong one."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

NOT_JSON = b"<!DOCTYPE html><html><body><h1>Our services aren't available right now</h1></body></html>"
CONTEXTS = "/$metadata#"


def other_id(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "id": str(uuid4())} if "id" in body else body


def foreign_link(body: Any, host: str) -> Any:
    """The same path at another host, to which a client must not send its token."""
    return with_links(body, lambda link: host.rstrip("/") + link.removeprefix(origin(link)))


def metadata_link(body: Any) -> Any:
    """The form in the documentation: everything after # is a fragment, so a simple client would fetch the metadata."""

    def documented(link: str) -> str:
        version, _, rest = link.removeprefix(f"{origin(link)}/").partition("/")
        parts = rest.split("/")
        if len(parts) > 2 and parts[1] == "callRecords":
            parts[1:3] = [f"callRecords('{parts[2]}')"]
        return f"{origin(link)}/{version}{CONTEXTS}{'/'.join(parts)}"

    return with_links(body, documented)


def loop_link(body: Any, url: str) -> Any:
    """Another error of the documentation: a next link that is the URL of the request itself."""
    return with_links(body, lambda _: url)


def with_links(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [with_links(inner, change) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: change(inner) if key.endswith("@odata.nextLink") else with_links(inner, change)
        for key, inner in value.items()
    }


def origin(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"
