"""A directory file: CSV with the columns UserPrincipalName,Department,CostCenter,Site,ValidFrom,ValidTo. Pure."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from app.archive.parse.identities import identifiers
from app.archive.schema.directory_table import ALWAYS
from app.archive.schema.microseconds import microseconds

COLUMNS = ("UserPrincipalName", "Department", "CostCenter", "Site", "ValidFrom", "ValidTo")
NEEDED = ("UserPrincipalName", "Department")
LONGEST = 300  # characters of a value
SHOWN = 10  # problems in one message
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class DirectoryRefused(ValueError):
    """What is wrong with the file, with the lines."""


class Entry(NamedTuple):
    """One row. ``valid_from`` and ``valid_until`` (exclusive) in microseconds since 1970; ``line`` is of the file."""

    user_principal_name: str
    department: str
    cost_center: str
    site: str
    valid_from: int
    valid_until: int
    line: int


def read(content: bytes) -> list[Entry]:
    """The rows in the order of the file; DirectoryRefused with every problem, up to some."""
    text = _text(content)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    problems: list[str] = []
    try:
        places = _places(next(rows, []))
        entries = list(_entries(rows, places, problems))
    except csv.Error as error:
        raise DirectoryRefused(f"line {rows.line_num}: {error}") from None
    problems += _overlaps(entries)
    if problems:
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise DirectoryRefused("; ".join(problems[:SHOWN]) + more)
    return entries


def _text(content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8-sig")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise DirectoryRefused("the file is not UTF-8; export it as UTF-8 (PowerShell: -Encoding utf8)") from None


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _places(head: Sequence[str]) -> dict[str, int]:
    known = {name.casefold(): name for name in COLUMNS}
    places = {known[key]: place for place, cell in enumerate(head) if (key := cell.strip().casefold()) in known}
    if missing := [name for name in NEEDED if name not in places]:
        raise DirectoryRefused(
            f"the first line must name the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}"
        )
    return places


def _entries(rows: Iterator[list[str]], places: dict[str, int], problems: list[str]) -> Iterator[Entry]:
    line = 2
    for row in rows:
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        if any(cells.values()):
            try:
                yield _entry(cells, line)
            except ValueError as error:
                problems.append(f"line {line}: {error}")
        line = rows.line_num + 1  # type: ignore[attr-defined]


def _entry(cells: dict[str, str], line: int) -> Entry:
    name = identifiers.normal(cells["UserPrincipalName"])
    if "@" not in name or any(character.isspace() for character in name):
        raise ValueError("UserPrincipalName must be an address such as ada@contoso.com")
    if too_long := next((column for column, cell in cells.items() if len(cell) > LONGEST), None):
        raise ValueError(f"{too_long} has more than {LONGEST} characters")
    begin, last = (_day(cells.get(column, ""), column) for column in ("ValidFrom", "ValidTo"))
    if begin and last and last < begin:
        raise ValueError("ValidTo is before ValidFrom")
    valid_from = ALWAYS[0] if begin is None else microseconds(begin)
    valid_until = ALWAYS[1] if last is None else microseconds(last + timedelta(days=1))
    department, cost_center, site = (cells.get(column, "") for column in ("Department", "CostCenter", "Site"))
    return Entry(name, department, cost_center, site, valid_from, valid_until, line)


def _day(text: str, column: str) -> datetime | None:
    """The start of a day in UTC."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{column} must be a date such as 2026-01-31") from None


def _overlaps(entries: Sequence[Entry]) -> list[str]:
    """Two rows of one person for the same time."""
    by_name: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_name[entry.user_principal_name].append(entry)
    return [
        f"lines {min(one.line, other.line)} and {max(one.line, other.line)}: the same person at the same time"
        for same in by_name.values()
        for one, other in pairwise(sorted(same, key=attrgetter("valid_from")))
        if other.valid_from < one.valid_until
    ]
