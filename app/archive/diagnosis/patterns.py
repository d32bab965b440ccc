"""What the poor calls of one person have in common, by their diagnoses: 9 of 11 were on 2.4 GHz. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from app.archive.diagnosis.diagnose import Entry

# Usual networks of home routers and telephones, which Microsoft's guide advises to leave out of building files.
# https://learn.microsoft.com/microsoftteams/quality-of-experience-review-guide
HOME_NETWORKS = {"10.0.0.0", "192.168.0.0", "192.168.1.0", "192.168.2.0", "172.20.10.0", "192.168.43.0"}


class Pattern(NamedTuple):
    """One cause: in how many of the calls it was, and the subnet that most of these have.

    ``at_home``: whether that subnet is one of the usual networks of homes and telephones.
    """

    code: str
    text: str
    calls: int
    of: int
    subnet: str | None
    in_subnet: int
    at_home: bool
    advice: str

    @property
    def sentence(self) -> str:
        where = ""
        if self.subnet and self.in_subnet > 1:
            count = "" if self.in_subnet == self.calls else f"{self.in_subnet} of them "
            where = f", {count}in {'a home network' if self.at_home else 'the subnet'} ({self.subnet})"
        return f"{self.calls} of {self.of} poor calls: {self.text}{where}. {self.advice}"


OTHER_END = ("other_end", "cause at the other end", "Ask the other participants about their connection.")


def patterns(entries: Sequence[Entry]) -> list[Pattern]:
    """One entry for each call; the most frequent cause first. A cause at the other end says nothing of this person."""
    by_cause: defaultdict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        made = entry.verdict.cause
        cause = OTHER_END if made.owner == "other_end" else (made.cause.code, made.cause.text, made.cause.advice)
        by_cause[cause].append(entry)
    found = [_pattern(cause, some, len(entries)) for cause, some in by_cause.items()]
    return sorted(found, key=lambda one: (-one.calls, one.code))


def _pattern(cause: tuple[str, str, str], entries: Sequence[Entry], of: int) -> Pattern:
    code, text, advice = cause
    subnets = Counter(entry.connection.subnet for entry in entries if entry.connection.subnet and code != OTHER_END[0])
    subnet, count = next(iter(subnets.most_common(1)), (None, 0))
    at_home = (subnet or "").partition("/")[0] in HOME_NETWORKS
    return Pattern(code, text, len(entries), of, subnet, count, at_home, advice)
