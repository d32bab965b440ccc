"""Which row of the building file an endpoint's network is in, by the rules of CQD and ours where CQD's fail. Pure.

1. a VPN row by the address, because some VPN adapters report a wrong mask
2. the reported subnet, equal to a row's network address, as CQD joins; where the address is in another row, that row,
   because the client's mask was wider than the file's
3. the smallest row that the address is in
4. the smallest row that the subnet is in
An endpoint in a network that many homes use is nowhere, unless its public address is one of the organisation's.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from app.archive.sites import addresses
from app.archive.sites.addresses import Address, Network
from app.archive.sites.prefix_table import PrefixTable

Method = Literal["vpn", "subnet", "address", "address_not_subnet", "subnet_prefix", "egress"]
"""``address_not_subnet``: both were in the file, in different rows. ``egress``: a home network behind a public address
of the organisation."""


class Row(NamedTuple):
    """What is matched of a row of the building file."""

    key: int
    network: Network
    network_name: str
    site: str
    inside: bool
    vpn: bool


class Match(NamedTuple):
    """Where an endpoint was. ``key`` is the row's; None of a home network that only egress ranges know."""

    key: int | None
    site: str
    network_name: str
    inside: bool
    vpn: bool
    method: Method


class Matcher:
    """The rows that are valid on one day, and the egress ranges with the site of each."""

    def __init__(self, rows: Iterable[Row] = (), egress: Iterable[tuple[Network, str]] = ()) -> None:
        rows = list(rows)
        self._rows = PrefixTable((row.network, row) for row in rows)
        self._vpn = PrefixTable((row.network, row) for row in rows if row.vpn)
        self._egress = PrefixTable(egress)

    def match(self, ip_address: str | None, subnet: str | None, reflexive: str | None) -> Match | None:
        """All as Graph writes them; None where the network is in no row."""
        address, reported = addresses.address(ip_address), addresses.subnet(subnet)
        if addresses.is_common(address or reported):
            return self._at_home(address, reported, reflexive)
        return self._by_rows(address, reported)

    def _by_rows(self, address: Address | None, reported: Address | None) -> Match | None:
        if address and (row := self._vpn.containing(address)):
            return _matched(row, "vpn")
        equal = self._rows.starting_at(reported) if reported else None
        within = self._rows.containing(address) if address else None
        if equal and within and equal.key != within.key:
            return _matched(within, "address_not_subnet")
        if equal and not (equal.vpn and address):  # an address outside of a VPN row is not in that VPN
            return _matched(equal, "subnet")
        if within:
            return _matched(within, "address")
        around = self._rows.containing(reported) if reported else None
        return _matched(around, "subnet_prefix") if around and not (around.vpn and address) else None

    def _at_home(self, address: Address | None, reported: Address | None, reflexive: str | None) -> Match | None:
        public = addresses.address(reflexive)
        site = self._egress.containing(public) if public else None
        if site is None:
            return None
        if known := self._by_rows(address, reported):
            return known._replace(method="egress")
        return Match(None, site, "", inside=True, vpn=False, method="egress")


def _matched(row: Row, method: Method) -> Match:
    return Match(row.key, row.site, row.network_name, row.inside, row.vpn, method)
