"""CQD's building file: https://learn.microsoft.com/microsoftteams/cqd-upload-tenant-building-data. Pure.

No header, 15 columns in a fixed order; 14 in files from before the column VPN. Columns 16 and 17 are ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from app.archive.sites import addresses
from app.archive.sites.addresses import Network
from app.archive.sites.files import overlaps
from app.archive.sites.files.delimited import FileRefused, Line, lines

COLUMNS = (
    *("NetworkIP", "NetworkName", "NetworkRange", "BuildingName", "OwnershipType", "BuildingType"),
    *("BuildingOfficeType", "City", "ZipCode", "Country", "State", "Region", "InsideCorp", "ExpressRoute", "VPN"),
    *("ValidFrom", "ValidTo"),
)
FEWEST, CQDS = 14, 15
SHORTEST = {4: 8, 6: 16}  # prefix lengths by version; CQD names /8 to /28
LONGEST_TEXT = 200  # characters
MOST_ROWS = 200_000
MOST_PROBLEMS = 20  # shown of one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """One row: a network and the building it is in. ``valid_to`` is the last day."""

    line: int
    network: Network
    network_name: str
    site: str
    ownership_type: str = ""
    building_type: str = ""
    office_type: str = ""
    city: str = ""
    zip_code: str = ""
    country: str = ""
    state: str = ""
    region: str = ""
    inside: bool = True
    express_route: bool = False
    vpn: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class BuildingFile:
    rows: list[Building]
    warnings: list[str] = field(default_factory=list)


def read(content: bytes, *, allow_overlap: bool = False) -> BuildingFile:
    """All rows of the file; FileRefused names the lines of all problems, overlapping networks included."""
    found = BuildingFile([])
    problems: list[str] = []
    for line in _without_header(lines(content)):
        try:
            found.rows.append(_row(line, found.warnings))
        except ValueError as error:
            problems.append(f"line {line.number}: {error}")
    if len(found.rows) > MOST_ROWS:
        problems.append(f"the file has {len(found.rows)} rows, and at most {MOST_ROWS} are possible")
    problems += overlaps.problems(found.rows, allow_overlap=allow_overlap)
    if not (problems or found.rows):
        problems.append("the file has no rows")
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise FileRefused(*problems[:MOST_PROBLEMS], *([f"and {more} more problems"] if more > 0 else []))
    return found


def _without_header(found: Iterable[Line]) -> Iterable[Line]:
    for place, line in enumerate(found):
        if place or not line.fields[0].casefold().startswith("network"):
            yield line


def _row(line: Line, warnings: list[str]) -> Building:
    fields = list(line.fields)
    while len(fields) > CQDS and not fields[-1]:
        fields.pop()
    if not FEWEST <= len(fields) <= len(COLUMNS):
        raise ValueError(
            f"it has {len(fields)} columns; it should have {CQDS} ({FEWEST} without VPN), separated by TAB or comma"
        )
    value = dict(zip(COLUMNS, fields, strict=False))
    for name in ("NetworkIP", "NetworkRange", "BuildingName"):
        if not value[name]:
            raise ValueError(f"{name} is empty")
    if long := next((name for name, text in value.items() if len(text) > LONGEST_TEXT), None):
        raise ValueError(f"{long} has more than {LONGEST_TEXT} characters")
    network = _network(value["NetworkIP"], value["NetworkRange"])
    if str(network.network_address) != value["NetworkIP"] and network.network_address != addresses.subnet(
        value["NetworkIP"]
    ):
        warnings.append(
            f"line {line.number}: {value['NetworkIP']} is not the network address of {network}, which is used"
        )
    return Building(
        line=line.number,
        network=network,
        network_name=value["NetworkName"] or str(network),
        site=value["BuildingName"],
        ownership_type=value["OwnershipType"],
        building_type=value["BuildingType"],
        office_type=value["BuildingOfficeType"],
        city=value["City"],
        zip_code=value["ZipCode"],
        country=value["Country"],
        state=value["State"],
        region=value["Region"],
        inside=_boolean("InsideCorp", value["InsideCorp"]),
        express_route=_boolean("ExpressRoute", value["ExpressRoute"]),
        vpn=_boolean("VPN", value.get("VPN") or "0"),
        **_validity(value.get("ValidFrom", ""), value.get("ValidTo", "")),
    )


def _network(text: str, range_: str) -> Network:
    if not (range_.isascii() and range_.isdigit() and len(range_) <= 3):
        raise ValueError(f"NetworkRange is {range_!r}; it is a prefix length such as 24")
    found = addresses.network(text, int(range_))
    if found.prefixlen < SHORTEST[found.version]:
        raise ValueError(f"NetworkRange is {range_}; /{SHORTEST[found.version]} is the largest network")
    return found


def _boolean(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"{name} is {text!r}; it is 0 or 1")
    return text == "1"


def _validity(first: str, last: str) -> dict[str, date | None]:
    days: dict[str, date | None] = {}
    for name, key, text in (("ValidFrom", "valid_from", first), ("ValidTo", "valid_to", last)):
        try:
            days[key] = date.fromisoformat(text) if text else None
        except ValueError:
            raise ValueError(f"{name} is {text!r}; it is a date such as 2026-01-31") from None
    if days["valid_from"] and days["valid_to"] and days["valid_to"] < days["valid_from"]:
        raise ValueError(f"ValidTo {last} is before ValidFrom {first}")
    return days
