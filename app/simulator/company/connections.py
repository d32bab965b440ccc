"""Where and how an employee is connected on a day, and the network that a client reports there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from app.simulator.company.sites import BAD_ACCESS_POINT, HARBOUR_OFFICE, NEW_FLOOR, VPN, Subnet
from app.simulator.company.staff import AT_HOME, BAD_HEADSET, Employee
from app.simulator.samples.networks import wifi, wired

Kind = Literal["wired", "wifi", "wifi_2_4", "vpn", "hotel"]

# The share of calls that are poor. A site's own cables hardly ever are; TCP through a hotel's network often is.
POOR_SHARE: dict[Kind, float] = {"wired": 0.004, "wifi": 0.02, "wifi_2_4": 0.3, "vpn": 0.22, "hotel": 0.35}
POOR_AT_BAD_ACCESS_POINT, POOR_WITH_BAD_HEADSET, POOR_IN_OUTAGE = 0.5, 0.4, 0.8
OUTAGE_HOURS = range(8, 12)  # of the outage's day, UTC
HOME = Subnet("192.168.1.0", "", "wifi")
HOTEL = Subnet("172.16.8.0", "", "wifi")
RELAY = "203.0.113.200"
MONDAY, WEEK = 0, 7
QUIET_2_4 = {"wifiBand": "frequency24GHz", "wifiRadioType": "wifi80211n", "wifiChannel": 6, "linkSpeed": 72_200_000}


@dataclass(frozen=True, slots=True)
class Connection:
    kind: Kind
    subnet: Subnet
    public_address: str
    access_point: str | None = None

    @property
    def poor_share(self) -> float:
        return POOR_AT_BAD_ACCESS_POINT if self.access_point == BAD_ACCESS_POINT else POOR_SHARE[self.kind]


def connection(employee: Employee, at: datetime) -> Connection:
    """The same for all of a day: people at home, on a VPN or in a hotel stay there."""
    public = f"203.0.113.{employee.number + 1}"
    is_at_home = (at.weekday() + employee.number) % 5 < 2  # two days a week
    match employee.habit:
        case "travel":
            return Connection("hotel", HOTEL, "203.0.113.150", "02-1A-77-00-5E-01")
        case "vpn":
            return Connection("vpn", VPN.of("vpn"), VPN.public_address)
        case "home":
            return at_home(employee, public)
        case "hybrid" if is_at_home:
            return at_home(employee, public)
    return in_the_office(employee)


def at_home(employee: Employee, public: str) -> Connection:
    kind: Kind = "wifi_2_4" if employee.name == AT_HOME else "wifi"
    return Connection(kind, HOME, public, f"02-1A-{employee.number:02X}-00-5E-AA")


def in_the_office(employee: Employee) -> Connection:
    site, desk = employee.site, employee.number
    if employee.headset != BAD_HEADSET and desk % 4 in (0, 1):
        subnet = NEW_FLOOR if site is HARBOUR_OFFICE and desk % 3 == 1 else site.of("wired")
        return Connection("wired", subnet, site.public_address)
    subnet = site.of("wifi")
    return Connection("wifi", subnet, site.public_address, access_point(subnet, desk))


def access_point(subnet: Subnet, desk: int) -> str:
    """Of eight desks each."""
    return subnet.access_points[(desk // 8 + 1) % len(subnet.access_points)]


def is_poor(employee: Employee, where: Connection, at: datetime, outage: datetime, rng: Random) -> bool:
    """By chance, with the share of this connection and headset; most calls of the outage are poor."""
    share = POOR_WITH_BAD_HEADSET if employee.headset == BAD_HEADSET else where.poor_share
    if where.public_address == HARBOUR_OFFICE.public_address and is_outage(at, outage):
        share = POOR_IN_OUTAGE
    return rng.random() < share


def is_outage(at: datetime, outage: datetime) -> bool:
    return at.date() == outage.date() and at.hour in OUTAGE_HOURS


def outage_day(now: datetime) -> datetime:
    """The newest Monday before today: the internet line of Harbour Office was congested in the morning."""
    return now - timedelta(days=(now.weekday() - MONDAY - 1) % WEEK + 1)


def network(employee: Employee, where: Connection, *, poor: bool, rng: Random) -> dict[str, Any]:
    """As the client reports it in networkInfo."""
    return {
        **_link(where, poor=poor, rng=rng),
        "ipAddress": where.subnet.host(employee.number),
        "subnet": where.subnet.address,
        "reflexiveIPAddress": where.public_address,
        "basicServiceSetIdentifier": where.access_point,
        "macAddress": f"02-00-5E-00-53-{employee.number:02X}",
    }


def _link(where: Connection, *, poor: bool, rng: Random) -> dict[str, Any]:
    match where.kind:
        case "wired":
            return wired(rng)
        case "vpn":
            return {**wired(rng), "connectionType": "tunnel", "relayIPAddress": RELAY}
        case "wifi_2_4":
            return wifi(rng, weak=True) if poor else {**wifi(rng, weak=False), **QUIET_2_4}
        case "hotel":
            tcp = {"networkTransportProtocol": "tcp", "relayIPAddress": RELAY}
            return {**wifi(rng, weak=False), **tcp}
    if poor and where.access_point == BAD_ACCESS_POINT:
        weak = {"wifiSignalStrength": rng.randrange(24, 40), "linkSpeed": 12_000_000, "wifiChannel": 52}
        return {**wifi(rng, weak=False), **weak}
    return wifi(rng, weak=False)
