"""Where a call came from, by the rows of the logs, by telephones, and by the directories of those who took part."""

import pytest

from app.archive.outcomes.judge import judged
from tests.archive.outcomes.calls import (
    ADA,
    BEN,
    CLEO,
    GATEWAY,
    NUMBER,
    QUEUE,
    a_direct_call,
    a_queue_call,
    direct_routing,
    leg,
    pstn,
    talked,
)

GUEST = ADA._replace(kind="guest", id="gina", tenant_id="")
TO_NUMBER = a_direct_call(leg(0, 60, ADA, GATEWAY), participants=(ADA, NUMBER))
MEETING = {"is_meeting": True, "type": "groupCall"}
ROWS = {  # what a row says, of a call whose record says nothing
    "user_in": "inbound",
    "user_out": "outbound",
    "oc_ucap_in": "inbound",
    "ucap_out": "outbound",
    "unassigned_in": "inbound",
    "ByotIn": "inbound",
    "ByotOut": "outbound",
    "ByotInUcap": "inbound",
    "dr_in_bot": "inbound",
    "dr_emergency_out": "outbound",
    "user_out_conf": "outbound",
    "user_out_forwarding": "outbound",
    "inventory": None,
}
CALLS = {
    "two of the organisation": (a_direct_call(), [], "internal", False),
    "to another organisation": (a_direct_call(leg(0, 9, ADA, CLEO), participants=(ADA, CLEO)), [], "outbound", False),
    "from another organisation": (a_direct_call(leg(0, 9, CLEO, ADA), organizer=CLEO), [], "inbound", False),
    "somebody whose directory is not known": (
        a_direct_call(participants=(ADA, BEN._replace(id="x", tenant_id=""))),
        [],
        None,
        False,
    ),
    "to a guest": (a_direct_call(participants=(ADA, GUEST)), [], "outbound", False),
    "nobody is known": (a_queue_call(organizer=NUMBER._replace(kind=None, id="")), [], None, False),
    "a meeting of the organisation": (a_direct_call(**MEETING), [], "internal", False),
    "a meeting with another organisation": (a_direct_call(participants=(ADA, CLEO), **MEETING), [], None, False),
    "from a number": (a_queue_call(leg(0, 9, callee=QUEUE), talked(3, 9)), [], "inbound", True),
    "to a number": (TO_NUMBER, [], "outbound", True),
    "through a gateway that names no number": (a_direct_call(leg(0, 9, ADA, GATEWAY)), [], "outbound", True),
    "a telephone in a meeting": (a_direct_call(leg(0, 9, NUMBER, GATEWAY), **MEETING), [], None, True),
    "a telephone that dialled in": (
        a_direct_call(leg(0, 9, NUMBER, GATEWAY), **MEETING),
        [pstn(call_type="conf_in")],
        "inbound",
        True,
    ),
    "a forwarded call came in": (
        a_queue_call(),
        [pstn(call_type="user_out_forwarding"), pstn(call_type="user_in")],
        "inbound",
        True,
    ),
    "a row without a direction": (TO_NUMBER, [direct_routing(call_type="unknown")], "outbound", True),
    "a queue of colleagues": (a_queue_call(leg(0, 9, ADA, QUEUE), talked(3, 9), organizer=ADA), [], "internal", False),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_direction_of_a_call(name):
    facts, rows, direction, has_telephone = CALLS[name]
    found = judged(facts, rows=rows)
    assert (found.direction, found.pstn) == (direction, has_telephone)


@pytest.mark.parametrize("call_type", ROWS)
def test_the_call_type_of_a_row_says_the_direction(call_type):
    call = a_direct_call(participants=(ADA, BEN._replace(id="x", tenant_id="")))
    found = judged(call, rows=[pstn(call_type=call_type)])
    assert (found.direction, found.pstn) == (ROWS[call_type], True)
