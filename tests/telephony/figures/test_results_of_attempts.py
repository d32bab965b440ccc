"""NER, ASR and the result of an attempt, against tables that were computed by hand."""

from collections import Counter

import pytest

from app.telephony.figures.results import Attempts, Result, TerminalRejects, of_attempt

# 200 attempts: 120 answered, 12 busy, 38 no answer, 6 declined, 14 wrong numbers, 10 failed.
COUNTED = Counter(
    {
        Result.answered: 120,
        Result.busy: 12,
        Result.no_answer: 38,
        Result.declined: 6,
        Result.wrong_number: 14,
        Result.failed: 10,
    }
)


@pytest.mark.parametrize(
    ("successful", "code", "result"),
    [
        (True, 0, "answered"),
        (True, 200, "answered"),
        (True, 487, "answered"),  # successfulCall decides
        (None, 0, "answered"),
        (None, 200, "answered"),
        (None, None, "failed"),
        (False, 0, "failed"),
        (False, None, "failed"),
        (False, 486, "busy"),
        (False, 600, "busy"),
        (False, 408, "no_answer"),
        (False, 480, "no_answer"),
        (False, 487, "no_answer"),
        (False, 603, "declined"),
        (False, 404, "wrong_number"),
        (False, 484, "wrong_number"),
        (None, 604, "wrong_number"),
        (False, 403, "failed"),
        (False, 503, "failed"),
        (False, 999999, "failed"),
    ],
)
def test_an_attempt_has_the_result_of_its_final_code(successful, code, result):
    assert of_attempt(code, successful=successful) == result


@pytest.mark.parametrize(
    ("rejects", "ner"),
    [
        (TerminalRejects(), 85.0),  # 120 + 12 + 38 of 200
        (TerminalRejects(declined=True), 88.0),
        (TerminalRejects(wrong_number=True), 92.0),
        (TerminalRejects(declined=True, wrong_number=True), 95.0),
    ],
)
def test_ner_counts_busy_and_unanswered_calls_and_the_rejects_that_are_chosen(rejects, ner):
    assert Attempts(COUNTED).ner(rejects) == ner


def test_asr_counts_answered_calls_only():
    assert Attempts(COUNTED).asr() == 60.0


def test_ratios_of_no_attempt_are_unknown():
    assert (Attempts().asr(), Attempts().ner(TerminalRejects())) == (None, None)


@pytest.mark.parametrize(("number", "enough"), [(99, False), (100, True)])
def test_ner_needs_100_attempts(number, enough):
    assert Attempts(Counter({Result.answered: number})).enough_for_ner is enough
