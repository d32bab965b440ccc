"""The Prefer header as Graph understands it (RFC 7240): what cannot be read is no error, it is not applied."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PAGE_SIZE = re.compile(r"(?:odata\.)?maxpagesize\s*=\s*\"?(\d{1,9})\"?", re.ASCII)
_OMIT_NULLS = re.compile(r"omit-values\s*=\s*\"?nulls\"?")
_UNKNOWN_MEMBERS = "include-unknown-enum-members"  # the archive keeps them, and hides none


@dataclass(frozen=True, slots=True)
class Prefer:
    page_size: int | None = None
    omit_nulls: bool = False
    unknown_members: bool = False

    def applied(self, page_size: int | None) -> str | None:
        """The Preference-Applied header; ``page_size`` is the one that was used, None where there are no pages."""
        wishes = [
            f"odata.maxpagesize={page_size}" if self.page_size and page_size else "",
            "omit-values=nulls" if self.omit_nulls else "",
            _UNKNOWN_MEMBERS if self.unknown_members else "",
        ]
        return ", ".join(filter(None, wishes)) or None


def read(lines: Iterable[str]) -> Prefer:
    wishes = [wish.strip().lower() for line in lines for wish in line.split(",")]
    sizes = [int(found[1]) for wish in wishes if (found := _PAGE_SIZE.fullmatch(wish))]
    return Prefer(
        page_size=sizes[0] if sizes and sizes[0] > 0 else None,
        omit_nulls=any(_OMIT_NULLS.fullmatch(wish) for wish in wishes),
        unknown_members=_UNKNOWN_MEMBERS in wishes,
    )
