"""A file of resource accounts: CSV or TSV with the columns ObjectId, Name and Kind. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app import ids
from app.archive.outcomes.facts import AppKind
from app.archive.sites.files import delimited
from app.archive.sites.files.delimited import FileRefused, Line

COLUMNS = ("ObjectId", "Name", "Kind")
LONGEST = 300  # characters of a name
SHOWN = 10  # problems in one message

# As people and PowerShell write them, without blanks, dashes and underscores; the GUIDs are ApplicationId of
# Get-CsOnlineApplicationInstance: https://learn.microsoft.com/microsoftteams/manage-resource-accounts
_KINDS: dict[str, AppKind] = {
    "autoattendant": "auto_attendant",
    "aa": "auto_attendant",
    "ce933385939045d19512c8d228074e07": "auto_attendant",
    "callqueue": "call_queue",
    "queue": "call_queue",
    "cq": "call_queue",
    "11cd3e2efccb42adad00878b93575e07": "call_queue",
}
_SEPARATORS = str.maketrans("", "", " -_")


class Account(NamedTuple):
    object_id: str
    """In its normal form."""
    name: str | None
    kind: AppKind


def read(content: bytes) -> list[Account]:
    """The accounts in the order of the file; FileRefused with the problems."""
    lines = delimited.lines(content)
    places = _places(next(lines, Line(1, [])).fields)
    problems: list[str] = []
    accounts = list(_accounts(lines, places, problems))
    if not accounts and not problems:
        problems.append("the file has no accounts")
    if problems:
        more = [f"and {len(problems) - SHOWN} more problems"] if len(problems) > SHOWN else []
        raise FileRefused(*problems[:SHOWN], *more)
    return accounts


def _places(head: Sequence[str]) -> dict[str, int]:
    known = {name.lower(): name for name in COLUMNS}
    places = {known[cell.lower()]: place for place, cell in enumerate(head) if cell.lower() in known}
    if missing := [name for name in COLUMNS if name not in places]:
        expected = f"the first line must name the columns {','.join(COLUMNS)}, separated by commas or tabs"
        raise FileRefused(f"{expected}; missing: {', '.join(missing)}")
    return places


def _accounts(lines: Iterator[Line], places: dict[str, int], problems: list[str]) -> Iterator[Account]:
    seen: dict[str, int] = {}
    for line in lines:
        cells = {name: line.fields[place] if place < len(line.fields) else "" for name, place in places.items()}
        try:
            account = _account(cells)
        except ValueError as error:
            problems.append(f"line {line.number}: {error}")
            continue
        if account.object_id in seen:
            problems.append(f"lines {seen[account.object_id]} and {line.number}: the same ObjectId")
        seen.setdefault(account.object_id, line.number)
        yield account


def _account(cells: dict[str, str]) -> Account:
    object_id = ids.guid(cells["ObjectId"])
    if object_id is None:
        raise ValueError("ObjectId must be a GUID such as 3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001")
    kind = _KINDS.get(cells["Kind"].lower().translate(_SEPARATORS))
    if kind is None:
        raise ValueError("Kind must be AutoAttendant or CallQueue")
    if len(cells["Name"]) > LONGEST:
        raise ValueError(f"Name has more than {LONGEST} characters")
    return Account(object_id, cells["Name"] or None, kind)
