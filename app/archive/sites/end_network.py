"""What the network of one end says, together with the lists: its values in the dimensions of sites. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import NamedTuple

from app.archive.sites import addresses
from app.archive.sites.files import address_lists
from app.archive.sites.matching import Match

Value = str | None
Values = tuple[tuple[str, tuple[str, ...]], ...]
"""Each dimension with the values that a stream has in it."""


class Reported(NamedTuple):
    """As Graph writes it."""

    ip_address: Value
    subnet: Value
    reflexive: Value
    bssid: Value
    connection_type: Value
    wifi_band: Value
    transport: Value


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an end was. One network is one object, which is compared and hashed as such: calls repeat few networks."""

    is_known: bool
    """Whether the client said anything of its network: browsers and telephones often say nothing."""
    connection_type: Value
    match: Match | None
    name: Value
    """Of its access point in the list."""
    access_point: Value
    """The same, or the BSSID of one that is not in the list."""
    unmapped_subnet: Value

    @property
    def site(self) -> Value:
        return self.match.site or None if self.match else None


def place(reported: Reported, match: Match | None, name: Value) -> Place:
    return Place(
        match is not None or any(reported),
        reported.connection_type,
        match,
        name,
        name or bssid_text(reported.bssid),
        None if match else _subnet(reported),
    )


def values(places: Iterable[Place]) -> Values:
    """The values of a stream between these ends. As in CQD a stream is on Wi-Fi if one of its ends is."""
    known = [one for one in places if one.is_known]
    matches = [one.match for one in known if one.match]
    connections = {one.connection_type for one in known}
    found = {
        "site": {one.site for one in matches if one.site},
        "network": {one.network_name for one in matches if one.network_name},
        "inside": {"inside" if one.match and one.match.inside else "outside" for one in known},
        "wired": {"wifi"} if "wifi" in connections else {"wired"} & connections,
        "vpn": {"vpn" if _is_vpn(one) else "none" for one in known},
        "access_point": {one.access_point for one in known if one.access_point},
    }
    return tuple((dimension, tuple(some)) for dimension, some in found.items())


def _subnet(reported: Reported) -> str | None:
    """Where the client reported none, the /24 or /64 of its address."""
    if found := addresses.subnet(reported.subnet):
        return str(found)
    address = addresses.address(reported.ip_address)
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False)) if address else None


def _is_vpn(one: Place) -> bool:
    """Graph has no flag for it; a tunnel is the nearest thing."""
    return bool(one.match and one.match.vpn) or one.connection_type == "tunnel"


def bssid_text(bssid: Value) -> Value:
    """A BSSID in one form; another text as it is, but for zeros, which mean none."""
    if plain := address_lists.bssid(bssid):
        return "-".join(plain[place : place + 2] for place in range(0, 12, 2))
    return bssid if bssid and re.search(r"[1-9a-z]", bssid, re.IGNORECASE) else None
