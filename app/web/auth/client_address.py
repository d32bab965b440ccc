"""The address that a request comes from, which limits count by. Only trusted proxies may name another one."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from starlette.datastructures import Headers

from app.web.graph_api.public_origin import Origins

UNKNOWN = "unknown"  # a request through a socket file

_IPV6_PREFIX = 64  # bits: one customer usually has that network, so its addresses count as one


def client_address(scope: Mapping[str, Any], origins: Origins) -> str:
    """The last address in X-Forwarded-For that is no trusted proxy's; without a trusted proxy the peer's."""
    peer = _address(str((scope.get("client") or ("",))[0]))
    named = ",".join(Headers(raw=scope["headers"]).getlist("x-forwarded-for")).split(",")
    while peer is not None and origins.trusts(peer) and named:
        said = _address(named.pop())
        if said is None:
            break
        peer = said
    return UNKNOWN if peer is None else _counted(peer)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port after it, as some proxies write it."""
    written = text.strip()
    if written.startswith("["):
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    try:
        address = ip_address(written.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _counted(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
