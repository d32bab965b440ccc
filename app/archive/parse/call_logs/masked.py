"""The digits of a log row's number: Microsoft replaces the last ones of outside numbers by ``*`` in some countries.

Pure. The normal form is that of ``identifiers`` without ``+``: an international number begins with the code of its
country, a national one with 0. https://learn.microsoft.com/microsoftteams/teams-analytics-and-reports/pstn-usage-report
"""

import re
from typing import NamedTuple

from app.archive.parse.identities import identifiers

_NUMBER = re.compile(r"\+?([0-9]+)(\**)", re.ASCII)


class Digits(NamedTuple):
    """What is known of a number."""

    known: str
    hidden: int = 0
    """Masked digits that follow."""

    def may_be(self, other: str) -> bool:
        """Whether these digits, of a number that is not masked, are this number's as far as it is known."""
        return len(other) == len(self.known) + self.hidden and other.startswith(self.known)


def digits(number: str | None) -> Digits | None:
    """None where that is no number: a PBX or a spammer may send a name."""
    if not number:
        return None
    found = _NUMBER.fullmatch(identifiers.normal(number.partition(";")[0]))  # +4930555000;ext=12
    return Digits(found[1], len(found[2])) if found else None
