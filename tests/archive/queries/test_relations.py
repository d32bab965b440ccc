"""Why two calls are likely one chain: pure rules, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from app.archive.queries.related.rules import Parties, relation

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADA, BEA, CAI = "ada", "bea", "cai"
CUSTOMER, OWN, OTHER = "41225550146", "41225550100", "41225550199"


def a_call(*people, start=0, end=60, numbers=(), kind="peerToPeer", url=None, voice_app=False):
    """Start and end in seconds after nine o'clock."""
    at = (None if moment is None else START + timedelta(seconds=moment) for moment in (start, end))
    return Parties(kind, *at, url, frozenset(people), frozenset(numbers), voice_app)


THIS = a_call(ADA, numbers=(CUSTOMER,))
INTERNAL = a_call(ADA, BEA)
MEETING = a_call(ADA, BEA, CAI, url="meeting", kind="groupCall")

CASES = {
    "a transfer to another person": (THIS, a_call(BEA, start=70, numbers=(CUSTOMER,)), "transfer", "medium", 10),
    "a transfer after minutes": (THIS, a_call(BEA, start=300, numbers=(CUSTOMER,)), "transfer", "low", 240),
    "a number that calls on the next day": (THIS, a_call(BEA, start=86_400, numbers=(CUSTOMER,)), None, None, None),
    "the caller calls again": (THIS, a_call(ADA, start=300, numbers=(CUSTOMER,)), "called_again", "medium", 240),
    "a queue that connects an agent": (
        a_call(numbers=(CUSTOMER,), voice_app=True, end=40),
        a_call(BEA, start=30, end=300, numbers=(CUSTOMER,)),
        "queue",
        "high",
        -10,
    ),
    "the number of one person in calls with others": (
        a_call(ADA, numbers=(OWN, CUSTOMER)),
        a_call(ADA, start=200, numbers=(OWN, OTHER)),
        None,
        None,
        None,
    ),
    "the same two call again": (INTERNAL, a_call(ADA, BEA, start=120), "called_again", "medium", 60),
    "a third person is added": (
        INTERNAL,
        a_call(ADA, BEA, CAI, start=55, kind="groupCall"),
        "people_added",
        "medium",
        -5,
    ),
    "a question to a colleague during the call": (THIS, a_call(ADA, CAI, start=20, end=40), "same_person", "low", -40),
    "one person has the next call": (INTERNAL, a_call(ADA, CAI, start=200), None, None, None),
    "other people": (INTERNAL, a_call(CAI, "dan", start=61), None, None, None),
    "a restarted meeting": (
        MEETING,
        a_call(CAI, start=3_000, end=None, url="meeting", kind="groupCall"),
        "restarted_meeting",
        "high",
        2_940,
    ),
    "a meeting of the next week with the same URL": (
        MEETING,
        a_call(ADA, BEA, CAI, start=604_800, url="meeting"),
        None,
        None,
        None,
    ),
    "a call without a start": (THIS, a_call(BEA, start=None, numbers=(CUSTOMER,)), None, None, None),
}


@pytest.mark.parametrize("case", CASES)
def test_two_calls_are_related_in_both_directions(case):
    one, other, basis, confidence, gap = CASES[case]
    for found in (relation(one, other), relation(other, one)):
        assert (found and (found.basis, found.confidence, found.gap_seconds)) == (basis and (basis, confidence, gap))
