"""Checks that PUBLIC_URL is not a private address, which Microsoft cannot reach. Pure."""

from collections.abc import Sequence
from ipaddress import ip_address

from app.doctor.finding import Check, failed, warning

NAME = "public_url"
_REMEDY = "set PUBLIC_URL to an address that is reachable from the internet (docs/public-url.md), where Graph is"


def private(host: str, addresses: Sequence[str]) -> Check | None:
    """What is wrong with the host and its addresses; None if Microsoft can reach one of them."""
    if host == "localhost" or _is_private(host):
        return failed(NAME, f"{host} is only reachable from this machine or network", _REMEDY)
    if addresses and all(_is_private(address) for address in addresses):
        found = f"on this machine, {host} resolves to a private address ({', '.join(addresses)})"
        return warning(NAME, found, f"check that public DNS has a public address; otherwise {_REMEDY}")
    return None


def _is_private(address: str) -> bool:
    try:
        return not ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False
