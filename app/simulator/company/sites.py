"""The company's sites and networks, and its building file in the form of Microsoft's Call Quality Dashboard.

Addresses are of private networks; public ones are of the ranges for documentation.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["wired", "wifi", "vpn"]


@dataclass(frozen=True, slots=True)
class Subnet:
    address: str
    name: str
    kind: Kind
    access_points: tuple[str, ...] = ()  # BSSIDs
    is_listed: bool = True  # in the building file

    def host(self, number: int) -> str:
        return f"{self.address.rpartition('.')[0]}.{10 + number % 200}"


@dataclass(frozen=True, slots=True)
class Site:
    name: str
    city: str
    zip_code: str
    country: str
    public_address: str
    subnets: tuple[Subnet, ...]

    def of(self, kind: Kind) -> Subnet:
        return next(subnet for subnet in self.subnets if subnet.kind == kind)


BAD_ACCESS_POINT = "02-1A-4C-00-5E-17"  # half of the people at Mill Lane who use Wi-Fi are on it
NEW_FLOOR = Subnet("10.20.3.0", "Harbour Office floor 3", "wired", is_listed=False)  # absent from the building file

HARBOUR_OFFICE = Site(
    "Harbour Office",
    "Hamburg",
    "20457",
    "DE",
    "198.51.100.20",
    (
        Subnet("10.20.1.0", "Harbour Office floor 1", "wired"),
        Subnet("10.20.2.0", "Harbour Office floor 2", "wired"),
        NEW_FLOOR,
        Subnet("10.20.16.0", "Harbour Office Wi-Fi", "wifi", ("02-1A-20-00-5E-10", "02-1A-20-00-5E-11")),
    ),
)
MILL_LANE = Site(
    "Mill Lane",
    "Leeds",
    "LS1 4DY",
    "GB",
    "198.51.100.30",
    (
        Subnet("10.30.1.0", "Mill Lane", "wired"),
        Subnet("10.30.16.0", "Mill Lane Wi-Fi", "wifi", ("02-1A-4C-00-5E-16", BAD_ACCESS_POINT)),
    ),
)
LAKE_OFFICE = Site(
    "Lake Office",
    "Zurich",
    "8002",
    "CH",
    "198.51.100.40",
    (
        Subnet("10.40.1.0", "Lake Office", "wired"),
        Subnet("10.40.16.0", "Lake Office Wi-Fi", "wifi", ("02-1A-40-00-5E-10",)),
    ),
)
WAREHOUSE = Site(
    "Warehouse",
    "Rotterdam",
    "3089",
    "NL",
    "198.51.100.50",
    (
        Subnet("10.50.1.0", "Warehouse office", "wired"),
        Subnet("10.50.16.0", "Warehouse Wi-Fi", "wifi", ("02-1A-50-00-5E-10",)),
    ),
)
VPN = Site("VPN", "Hamburg", "20457", "DE", "198.51.100.99", (Subnet("10.99.0.0", "VPN pool", "vpn"),))
SITES = (HARBOUR_OFFICE, MILL_LANE, LAKE_OFFICE, WAREHOUSE)

ACCESS_POINTS = {
    "02-1A-20-00-5E-10": "Harbour Office floor 1",
    "02-1A-20-00-5E-11": "Harbour Office floor 2",
    "02-1A-4C-00-5E-16": "Mill Lane reception",
    BAD_ACCESS_POINT: "Mill Lane meeting rooms",
    "02-1A-40-00-5E-10": "Lake Office",
    "02-1A-50-00-5E-10": "Warehouse hall",
}


def building_file() -> str:
    """Fifteen columns without a header, as the Call Quality Dashboard takes them:
    https://learn.microsoft.com/microsoftteams/cqd-upload-tenant-building-data
    """
    listed = [(site, subnet) for site in (*SITES, VPN) for subnet in site.subnets if subnet.is_listed]
    return "".join(",".join(_row(site, subnet)) + "\n" for site, subnet in listed)


def _row(site: Site, subnet: Subnet) -> list[str]:
    """The last three columns are InsideCorp, ExpressRoute and VPN."""
    building = [subnet.address, subnet.name, "24", site.name, "Contoso", "Office", "Office"]
    return [*building, site.city, site.zip_code, site.country, "", "EMEA", "1", "0", "1" if site is VPN else "0"]
