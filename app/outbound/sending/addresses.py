"""To which addresses a webhook may connect. Pure.

A webhook's URL is a request that this server makes for its author, from inside its network. So the address of each
connection is checked, not the name in the URL, which can resolve to another address at any time.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NEVER = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "169.254.0.0/16",  # link-local, with the metadata services of most clouds
            "168.63.129.16/32",  # Azure's platform: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
            "100.100.100.200/32",  # metadata of Alibaba Cloud
            "192.0.0.192/32",  # metadata of Oracle Cloud
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/128",
            "fe80::/10",
            "fd00:ec2::/32",  # metadata of AWS: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
            "fd20:ce::254/128",  # metadata of Google Cloud
            "ff00::/8",
        ),
    )
)
_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")  # of a network of its own, with the IPv4 address in one of several places


def refusal(text: str, allowed: Sequence[Network]) -> str | None:
    """Why no connection is made to this address; None if it may be connected to."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return f"{text[:50]!r} is not an IP address"
    return next((reason for each in _meant(address) if (reason := _refusal(each, allowed))), None)


def is_loopback(text: str) -> bool:
    address = ip_address(text)
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _refusal(address: Address, allowed: Sequence[Network]) -> str | None:
    if any(address in network for network in _NEVER if network.version == address.version):
        return f"{address} is a link-local, metadata, multicast or unspecified address, which no webhook may use"
    is_public = address.is_global and address not in _LOCAL_NAT64
    if is_public or any(address in network for network in allowed if network.version == address.version):
        return None
    return f"{address} is in a private network that WEBHOOK_ALLOW does not list"


def _meant(address: Address) -> list[Address]:
    """The address, and the IPv4 address that a router or the system makes of it.

    The address itself is left out where it only stands for the IPv4 address.
    """
    if isinstance(address, IPv4Address):
        return [address]
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped or address in _NAT64:
        return [last]
    embedded = (address.sixtofour, *(address.teredo or ()))
    return [address, *(each for each in embedded if each)]
