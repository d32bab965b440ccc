"""Questions for a telephone number: complete, or the beginning of numbers, in any way to write them. Pure."""

import re
from typing import NamedTuple

from app.archive.parse.identities import identifiers

_SHORT = re.compile(r"[0-9]{3,5}", re.ASCII)  # an extension or an emergency number, which has no country
_SHORTEST_END = 7  # digits of a national number that say enough without the country


class Number(NamedTuple):
    """What is asked for, in the normal form of ``identifiers``."""

    normal: str
    is_prefix: bool = False

    @property
    def national_end(self) -> str | None:
        """The digits without the national 0, where the number was written without its country."""
        is_national = self.normal.startswith("0") and len(self.normal) > _SHORTEST_END
        return self.normal[1:] if is_national else None


def asked(text: str) -> Number | None:
    """The number, or the beginning of numbers; None of any other text."""
    if prefix := identifiers.number_prefix(text):
        return Number(prefix, is_prefix=True)
    normal = identifiers.number(text) or (text.strip() if _SHORT.fullmatch(text.strip()) else None)
    return Number(normal) if normal else None
