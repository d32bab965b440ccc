"""Can Microsoft reach this address at all? A private one it cannot; pure."""

from collections.abc import Sequence
from ipaddress import ip_address

from app.doctor.finding import Check, failed, warning

NAME = "public_url"
_REMEDY = "set PUBLIC_URL to an address that the internet reaches (docs/public-url.md): Graph calls from outside"


def private(host: str, addresses: Sequence[str]) -> Check | None:
    """What is wrong with an address of our own; None where Microsoft may reach one."""
    if host == "localhost" or _is_private(host):
        return failed(NAME, f"{host} is an address of this machine or network alone", _REMEDY)
    if addresses and all(_is_private(address) for address in addresses):
        found = f"seen from here, {host} is a private address ({', '.join(addresses)})"
        return warning(NAME, found, f"see that public DNS has a public one; otherwise {_REMEDY}")
    return None


def _is_private(address: str) -> bool:
    try:
        return not ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False
