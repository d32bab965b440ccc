"""The way of a call through voice apps: who was offered it, how long the caller waited, and who answered."""

import pytest

from app.archive.outcomes.chain import chain
from app.archive.outcomes.facts import App
from tests.archive.outcomes.calls import (
    ADA,
    BEN,
    QUEUE,
    SECOND_QUEUE,
    SERVICE,
    SILENT,
    VOICEMAIL,
    a_queue_call,
    leg,
    rang,
    talked,
)


def steps(facts, apps=None):
    """Kind, object id, agents offered, seconds waited and result of each."""
    found = chain(facts, apps or {}).steps
    return [(one.kind, one.object_id, one.agents_offered, one.wait_seconds, one.result) for one in found]


MENU = ("auto_attendant", "attendant", 0, None, "transferred_to_cq")
CHAINS = {
    "answered": (
        a_queue_call(leg(0, 50), leg(50, 360, callee=QUEUE), rang(60), rang(60, SILENT), talked(70, 360)),
        [MENU, ("call_queue", "queue", 2, 20.0, "agent_answered"), ("agent", "ben", 0, None, None)],
    ),
    "an agent who rang twice is one": (
        a_queue_call(leg(0, 50), leg(50, 360, callee=QUEUE), rang(60), rang(80), talked(90, 360)),
        [MENU, ("call_queue", "queue", 2, 40.0, "agent_answered"), ("agent", "ben", 0, None, None)],
    ),
    "not answered": (
        a_queue_call(leg(0, 50), leg(50, 110, callee=QUEUE), rang(60)),
        [MENU, ("call_queue", "queue", 1, 60.0, None)],
    ),
    "two queues": (
        a_queue_call(leg(0, 30, callee=QUEUE), rang(10), leg(30, 90, callee=SECOND_QUEUE), talked(40, 90)),
        [
            ("call_queue", "queue", 1, 30.0, None),
            ("call_queue", "second queue", 1, 10.0, "agent_answered"),
            ("agent", "ben", 0, None, None),
        ],
    ),
    "the order of the record does not matter": (
        a_queue_call(talked(70, 360), leg(50, 360, callee=QUEUE), leg(0, 50)),
        [MENU, ("call_queue", "queue", 1, 20.0, "agent_answered"), ("agent", "ben", 0, None, None)],
    ),
    "one session that is listed twice": (
        a_queue_call(leg(0, 50), leg(0, 50), leg(50, 60, callee=QUEUE)),
        [MENU, ("call_queue", "queue", 0, 10.0, None)],
    ),
    "to a person": (
        a_queue_call(leg(0, 50), talked(55, 90)),
        [("auto_attendant", "attendant", 1, None, "transferred_to_user"), ("agent", "ben", 0, None, None)],
    ),
    "to voicemail": (
        a_queue_call(leg(0, 50), leg(50, 90, callee=VOICEMAIL)),
        [
            ("auto_attendant", "attendant", 0, None, "transferred_to_shared_voicemail"),
            ("voicemail", "ada", 0, None, None),
        ],
    ),
    "hung up in the menu": (
        a_queue_call(leg(0, 9, failure="callSetup")),
        [("auto_attendant", "attendant", 0, None, "user_terminated")],
    ),
    "a program without a resource account": (
        a_queue_call(leg(0, 60, SERVICE._replace(id="11cd3e2e-fccb-42ad-ad00-878b93575e07", name="Main CQ"), SERVICE)),
        [("call_queue", None, 0, 60.0, None)],
    ),
    "unknown times": (
        a_queue_call(leg(None, None), leg(50, None, callee=QUEUE)),
        [("call_queue", "queue", 0, None, None), ("auto_attendant", "attendant", 0, None, None)],
    ),
    "no voice app": (a_queue_call(leg(0, 50, ADA, BEN)), []),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_has_its_steps(name):
    facts, expected = CHAINS[name]
    assert steps(facts) == expected


def test_waiting_and_talking_are_counted_by_the_first_answer():
    call = a_queue_call(
        leg(0, 50), leg(50, 360, callee=QUEUE), talked(200, 360, ADA), talked(70, 190), rang(60), talked(None, 90)
    )
    found = chain(call, {})
    assert (found.wait_seconds, found.talk_seconds, found.answered.caller) == (70.0, 120.0, BEN)


def test_a_call_that_was_not_answered_has_no_waiting_time_of_its_own():
    found = chain(a_queue_call(leg(0, 50), rang(60)), {})
    assert (found.wait_seconds, found.talk_seconds, found.answered) == (None, None, None)


def test_a_name_is_the_records_and_else_that_of_the_list():
    apps = {"queue": App("call_queue", "Support"), "second queue": App("call_queue", "Sales")}
    call = a_queue_call(leg(0, 9, callee=QUEUE), leg(9, 20, callee=SECOND_QUEUE._replace(name="Sales of the record")))
    assert [step.name for step in chain(call, apps).steps] == ["Support", "Sales of the record"]
