"""All that a rule looks at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.archive.outcomes.chain import Chain
from app.archive.outcomes.evidence import LogEvidence
from app.archive.outcomes.facts import Facts
from app.archive.outcomes.words import Confidence, Verdict


@dataclass(frozen=True, slots=True)
class Case:
    facts: Facts
    chain: Chain
    rows: Sequence[LogEvidence]

    @property
    def is_voice_app(self) -> bool:
        """By the record, or by a row of a log while the record does not show it yet."""
        return self.chain.is_voice_app or any(row.said.is_voice_app for row in self.rows)


Rule = Callable[[Case], Verdict | None]
"""The verdict, or None where the rule does not apply."""


def at_most(confidence: Confidence, row: LogEvidence) -> Confidence:
    """A row that was joined by number and time is no fact."""
    return confidence if row.is_certain or confidence != "high" else "medium"
