"""IP addresses and networks as call records and building files write them. Pure."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Networks that home routers and telephones as hotspots use all over the world, so that the address proves nothing:
# https://learn.microsoft.com/microsoftteams/quality-of-experience-review-guide
COMMON = tuple(
    IPv4Network(text)
    for text in (
        "10.0.0.0/24",
        "192.168.0.0/24",
        "192.168.1.0/24",
        "192.168.2.0/24",
        "172.20.10.0/24",
        "192.168.43.0/24",
    )
)
LONGEST = 64  # characters; an IPv6 address with a zone has fewer


def address(text: str | None) -> Address | None:
    """The address; None for an empty text and for anything else. An IPv4 address within IPv6 is the IPv4 address."""
    if not text or len(text) > LONGEST:
        return None
    try:
        found = ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def subnet(text: str | None) -> Address | None:
    """The network address of a reported subnet. Graph writes it without a mask, sometimes with one: both are taken."""
    return address(text.partition("/")[0]) if text else None


def network(text: str, prefix: int) -> Network:
    """The network in which the address is; ValueError where the text or the prefix length is none."""
    found = address(text)
    if found is None:
        raise ValueError(f"{text!r} is not an IP address")
    return ip_network((found, prefix), strict=False)


def is_common(one: Address | None) -> bool:
    """Whether the address is in a network that many homes use."""
    return one is not None and any(one in common for common in COMMON)
