"""The lists beside the building file: public egress ranges, and names of access points. Pure."""

import re
from typing import NamedTuple

from app.archive.sites import addresses
from app.archive.sites.addresses import Network
from app.archive.sites.files.delimited import FileRefused, Line, lines

LONGEST_TEXT = 200  # characters
_BSSID = re.compile(r"[0-9a-f]{12}")


class Egress(NamedTuple):
    """A range of public addresses of the organisation; ``site`` is empty where it belongs to several."""

    line: int
    network: Network
    site: str


class AccessPoint(NamedTuple):
    line: int
    bssid: str
    name: str


def egress(content: bytes) -> list[Egress]:
    """``203.0.113.0/24[,BuildingName]`` or ``203.0.113.0,24[,BuildingName]`` on each line; TAB or comma."""
    found, problems = list[Egress](), list[str]()
    for place, line in enumerate(lines(content)):
        if place or not line.fields[0].casefold().startswith(("network", "egress", "ip")):
            try:
                found.append(_egress(line))
            except ValueError as error:
                problems.append(f"line {line.number}: {error}")
    if problems or not found:
        raise FileRefused(*(problems or ["the file has no rows"]))
    return found


def access_points(content: bytes) -> list[AccessPoint]:
    """``BSSID,Name`` on each line; TAB or comma."""
    found, problems = dict[str, AccessPoint](), list[str]()
    for place, line in enumerate(lines(content)):
        text, *names = line.fields
        if not place and text.casefold() in ("bssid", "mac"):
            continue
        known, name = bssid(text), names[0] if names else ""
        if known is None or not name or len(name) > LONGEST_TEXT:
            problems.append(f"line {line.number}: a line has a BSSID such as 00-11-22-33-44-55 and a name")
        elif known in found:
            problems.append(f"line {line.number}: {text} is already in line {found[known].line}")
        else:
            found[known] = AccessPoint(line.number, known, name)
    if problems or not found:
        raise FileRefused(*(problems or ["the file has no rows"]))
    return list(found.values())


def bssid(text: str | None) -> str | None:
    """One form of a BSSID, however it is separated; None for anything else, and for zeros, which mean none."""
    plain = re.sub(r"[:.\-\s]", "", text).lower() if text else ""
    return plain if _BSSID.fullmatch(plain) and plain.strip("0") else None


def _egress(line: Line) -> Egress:
    text, *rest = line.fields
    if "/" in text:
        text, _, prefix = text.partition("/")
    elif rest and rest[0].isdigit():
        prefix, *rest = rest
    else:
        prefix = "128" if ":" in text else "32"
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 3):
        raise ValueError(f"{prefix!r} is not a prefix length")
    network = addresses.network(text, int(prefix))
    site = rest[0] if rest else ""
    if len(site) > LONGEST_TEXT:
        raise ValueError(f"the building's name has more than {LONGEST_TEXT} characters")
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise ValueError(f"{network} is too large")
    return Egress(line.number, network, site)
