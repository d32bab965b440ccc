"""The part of OData that call records support; every other option is refused by name."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from app.simulator.errors import bad_request
from app.simulator.settings import ExpandRelations

FILTER_START = re.compile(r"startDateTime\s+(ge|gt|le|lt)\s+(\S+)", re.ASCII)
FILTER_PARTICIPANT = re.compile(r"participants_v2/any\(\s*(\w+)\s*:\s*(\w+)/id\s+eq\s+'([^']+)'\s*\)")
AND = re.compile(r"\s+and\s+")
EXPANDS = {
    "sessions": ("sessions", False),
    "sessions($expand=segments)": ("sessions", True),
    "participants_v2": ("participants_v2", False),
}
TOP_REFUSED = (
    "The query specified in the URI is not valid. Query option 'Top' is not allowed. To allow it, set the "
    "'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings."
)
PAGE_SIZE = re.compile(r"(?:odata\.)?maxpagesize\s*=\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Prefer:
    page_size: int | None
    omit_nulls: bool
    unknown_members: bool


def read_prefer(lines: list[str]) -> Prefer:
    wishes = [wish.strip().lower() for line in lines for wish in line.split(",")]
    sizes = [int(found[1]) for wish in wishes if (found := PAGE_SIZE.fullmatch(wish))]
    return Prefer(
        page_size=sizes[0] if sizes and sizes[0] > 0 else None,
        omit_nulls="omit-values=nulls" in wishes,
        unknown_members="include-unknown-enum-members" in wishes,
    )


def check_options(query: Mapping[str, str], allowed: set[str]) -> None:
    for name in query:
        if name == "$top" and name not in allowed:
            raise bad_request(TOP_REFUSED)
        if name.startswith("$") and name not in allowed:
            raise bad_request(f"The query option '{name}' is not supported here.")


def read_expand(text: str | None, *, relations: ExpandRelations) -> dict[str, bool]:
    """The relations to expand; the value says whether segments are included."""
    if not text:
        return {}
    wanted = [re.sub(r"\s", "", part) for part in split_outside_brackets(text)]
    for part in wanted:
        if part not in EXPANDS:
            raise bad_request(f"Parsing OData Select and Expand failed: '{part}' cannot be expanded.")
    expands = dict(EXPANDS[part] for part in wanted)
    if len(expands) > 1 and relations == "refused":
        # Graph's message for this is not published.
        raise bad_request("Expanding more than one navigation property is not supported.")
    return dict(list(expands.items())[:1]) if relations == "first" else expands


def read_top(text: str | None) -> int | None:
    if text is not None and not text.isdecimal():
        raise bad_request(f"Invalid value '{text}' for $top query option found.")
    return None if text is None else int(text)


def split_outside_brackets(text: str) -> list[str]:
    return re.split(r",(?![^(]*\))", text)


def read_select(text: str | None) -> frozenset[str] | None:
    return frozenset(part.strip() for part in text.split(",")) if text else None


@dataclass(frozen=True, slots=True)
class Filter:
    starts: tuple[tuple[str, datetime], ...] = ()
    participants: tuple[str, ...] = ()

    def passes(self, start: datetime, participant_ids: frozenset[str]) -> bool:
        return all(compare(start, how, bound) for how, bound in self.starts) and all(
            each in participant_ids for each in self.participants
        )


def read_filter(text: str | None) -> Filter:
    starts: list[tuple[str, datetime]] = []
    participants: list[str] = []
    for term in AND.split(text.strip()) if text else []:
        bare = term.strip()
        if found := FILTER_START.fullmatch(bare):
            starts.append((found[1], read_moment(found[2])))
        elif (found := FILTER_PARTICIPANT.fullmatch(bare)) and found[1] == found[2]:
            participants.append(found[3])
        else:
            raise bad_request(f"Invalid filter clause: '{bare}'.")
    return Filter(tuple(starts), tuple(participants))


def read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(f"Invalid filter clause: '{text}' is not a date and time.") from error
    if moment.tzinfo is None:
        raise bad_request(f"Invalid filter clause: '{text}' lacks an offset; write it with Z.")
    return moment


def compare(value: datetime, how: str, bound: datetime) -> bool:
    match how:
        case "ge":
            return value >= bound
        case "gt":
            return value > bound
        case "le":
            return value <= bound
    return value < bound


def write_skiptoken(position: int, size: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([position, size])).decode()


def read_skiptoken(text: str | None) -> tuple[int, int | None]:
    """The position to continue at and the page size of the first page; (0, None) without a token."""
    if text is None:
        return 0, None
    try:
        position, size = orjson.loads(base64.urlsafe_b64decode(text))
        return max(int(position), 0), int(size)
    except (ValueError, TypeError, binascii.Error) as error:
        raise bad_request("The skiptoken is not valid.") from error
