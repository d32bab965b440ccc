"""What became of a call attempt on a trunk, and the ratios NER and ASR. Pure.

NER (network effectiveness ratio) counts busy and unanswered calls as delivered, because the network did its part; ASR
(answer seizure ratio, ITU-T E.411) counts answered calls only.
https://learn.microsoft.com/microsoftteams/direct-routing-health-dashboard
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NER_MINIMUM = 100  # attempts below which Microsoft calls the ratio unreliable


class Result(StrEnum):
    answered = "answered"
    busy = "busy"
    no_answer = "no_answer"
    declined = "declined"
    wrong_number = "wrong_number"
    failed = "failed"


_CODES = {
    **dict.fromkeys((486, 600), Result.busy),
    **dict.fromkeys((408, 480, 487), Result.no_answer),
    603: Result.declined,
    **dict.fromkeys((404, 484, 604), Result.wrong_number),
}
_NORMAL = (0, 200)  # 0 with the phrase BYE is a normal end
_DELIVERED = (Result.answered, Result.busy, Result.no_answer)


def of_attempt(code: int | None, *, successful: bool | None) -> Result:
    """Of a row of the Direct Routing log: successfulCall decides; the code only where Graph gives none."""
    if successful or (successful is None and code in _NORMAL):
        return Result.answered
    return _CODES.get(code if code is not None else -1, Result.failed)


@dataclass(frozen=True, slots=True)
class TerminalRejects:
    """Which rejects of the called side NER counts as delivered."""

    declined: bool = False
    """603."""
    wrong_number: bool = False
    """404, 484, 604: the number does not exist, or is not complete."""


@dataclass(slots=True)
class Attempts:
    """Call attempts by result."""

    results: Counter[Result] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.results.total()

    @property
    def answered(self) -> int:
        return self.results[Result.answered]

    @property
    def enough_for_ner(self) -> bool:
        return self.total >= NER_MINIMUM

    def asr(self) -> float | None:
        """Answered of 100 attempts; None where there are none."""
        return percent(self.answered, self.total)

    def ner(self, rejects: TerminalRejects) -> float | None:
        """Delivered of 100 attempts; None where there are none."""
        return percent(delivered(self.results, rejects), self.total)


def delivered(results: Mapping[Result, int], rejects: TerminalRejects) -> int:
    """Attempts that the network carried to the called side."""
    counted = {*_DELIVERED}
    counted |= {Result.declined} if rejects.declined else set()
    counted |= {Result.wrong_number} if rejects.wrong_number else set()
    return sum(number for result, number in results.items() if result in counted)


def percent(part: float, total: float) -> float | None:
    """With two decimal places; None of nothing."""
    return round(100 * part / total, 2) if total else None
