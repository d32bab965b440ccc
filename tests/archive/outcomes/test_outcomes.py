"""How a call ended, by its record and by the rows of the logs: each line is one shape of call."""

from datetime import timedelta

import pytest

from app.archive.outcomes.facts import App
from app.archive.outcomes.judge import is_provisional, judged
from app.archive.outcomes.words import OUTCOMES
from tests.archive.outcomes.calls import (
    ADA,
    BEGAN,
    BEN,
    GATEWAY,
    NUMBER,
    QUEUE,
    SECOND_QUEUE,
    SERVICE,
    SILENT,
    VOICEMAIL,
    a_direct_call,
    a_queue_call,
    direct_routing,
    leg,
    outcome,
    pstn,
    rang,
    silent,
    talked,
)

OTHER_NUMBER = NUMBER._replace(id="+4930555001")
MENU = leg(0, 50)
WAITED = leg(50, 360, callee=QUEUE)
AGENT = ("answered", "agent_session", "medium")
RANG = ("not_answered", "agents_only_rang", "medium")
IN_QUEUE = ("abandoned", "ended_in_queue", "low")
NOTHING = ("unknown", "nothing", "low")
MEDIA = ("answered", "media", "medium")
QUEUE_ROW = {"call_type": "ByotInUcap"}

VOICE_APPS = {
    "an agent answered": (a_queue_call(MENU, WAITED, talked(70, 360)), AGENT),
    "two rang, a third answered": (a_queue_call(MENU, WAITED, rang(60), rang(60, SILENT), talked(70, 360)), AGENT),
    "two answered": (a_queue_call(MENU, WAITED, talked(90, 360, ADA), talked(70, 80)), AGENT),
    "without a menu": (a_queue_call(leg(0, 300, callee=QUEUE), talked(20, 300)), AGENT),
    "the menu led to a person": (a_queue_call(MENU, talked(55, 300)), AGENT),
    "all agents only rang": (a_queue_call(MENU, WAITED, rang(60), rang(80, BEN)), RANG),
    "an agent without a name": (a_queue_call(MENU, WAITED, talked(70, 360, SILENT)), IN_QUEUE),
    "the caller is a user and no agent": (
        a_queue_call(leg(0, 9, ADA), leg(9, 60, ADA, QUEUE), talked(0, 60, ADA), organizer=ADA),
        IN_QUEUE,
    ),
    "the caller is a user who is not the organizer": (
        a_queue_call(leg(0, 9, ADA), leg(9, 60, ADA, QUEUE), talked(0, 60, ADA), organizer=BEN),
        IN_QUEUE,
    ),
    "a session of an agent ends before it starts": (a_queue_call(MENU, WAITED, talked(70, 60)), RANG),
    "an agent's session of unknown end": (a_queue_call(MENU, WAITED, talked(70, None)), RANG),
    "left in the queue, no agent was offered": (a_queue_call(MENU, WAITED), IN_QUEUE),
    "the first queue rang, the second did not": (
        a_queue_call(leg(0, 60, callee=QUEUE), rang(10), leg(60, 90, callee=SECOND_QUEUE)),
        IN_QUEUE,
    ),
    "the second queue rang": (
        a_queue_call(leg(0, 60, callee=QUEUE), leg(60, 90, callee=SECOND_QUEUE), rang(70)),
        RANG,
    ),
    "the second queue answered": (
        a_queue_call(leg(0, 60, callee=QUEUE), rang(10), leg(60, 90, callee=SECOND_QUEUE), talked(70, 90)),
        AGENT,
    ),
    "the queue passed the call on at once": (
        a_queue_call(MENU, leg(50, 51, callee=QUEUE), leg(51, 80)),
        ("overflowed", "left_queue_at_once", "low"),
    ),
    "the queue passed the call on later": (
        a_queue_call(MENU, leg(50, 110, callee=QUEUE), rang(60), leg(110, 130)),
        ("timed_out", "left_queue_later", "low"),
    ),
    "hung up in the menu": (
        a_queue_call(leg(0, 12, failure="callSetup Call ended: hung up during IVR menu")),
        ("abandoned", "hung_up_in_menu", "medium"),
    ),
    "ended in the menu": (a_queue_call(leg(0, 12)), ("unknown", "ended_in_menu", "low")),
    "voicemail of the queue": (
        a_queue_call(MENU, leg(50, 110, callee=QUEUE), rang(60), leg(110, 140, callee=VOICEMAIL)),
        ("voicemail", "voicemail_role", "low"),
    ),
    "another number was called": (
        a_queue_call(MENU, leg(50, 110, callee=QUEUE), rang(60), leg(110, 160, GATEWAY, OTHER_NUMBER)),
        ("forwarded", "number_after_queue", "low"),
    ),
    "overflown, in Microsoft's word": (
        a_queue_call(MENU, leg(50, 51, callee=QUEUE, failure="midcall overflown")),
        ("overflowed", "failure_reason", "medium"),
    ),
    "no_agent": (a_queue_call(leg(0, 1, callee=QUEUE, failure="no_agent")), ("no_agent", "failure_reason", "medium")),
    "timed_out": (
        a_queue_call(leg(0, 60, callee=QUEUE, failure="timed_out"), rang(9)),
        ("timed_out", "failure_reason", "medium"),
    ),
    "an answer is stronger than a word": (
        a_queue_call(leg(0, 60, callee=QUEUE, failure="timed_out"), talked(9, 60)),
        AGENT,
    ),
    "a word without a queue": (
        a_queue_call(leg(0, 12, failure="timed_out")),
        ("abandoned", "hung_up_in_menu", "medium"),
    ),
    "by the user agent": (
        a_queue_call(leg(0, 60, callee=SERVICE._replace(id="q", header="CallQueue/1.0")), talked(9, 60)),
        AGENT,
    ),
    "by the id of Microsoft's program": (
        a_queue_call(leg(0, 60, SERVICE._replace(id="11cd3e2e-fccb-42ad-ad00-878b93575e07"), SERVICE), talked(9, 60)),
        AGENT,
    ),
}


@pytest.mark.parametrize("name", VOICE_APPS)
def test_a_call_through_voice_apps(name):
    facts, expected = VOICE_APPS[name]
    assert outcome(facts) == expected


CODES = {
    486: ("busy", "high"),
    600: ("busy", "high"),
    480: ("not_answered", "high"),
    408: ("not_answered", "high"),
    487: ("cancelled", "high"),
    603: ("declined", "high"),
    404: ("failed", "high"),
    484: ("failed", "high"),
    604: ("failed", "high"),
    500: ("failed", "high"),
    503: ("failed", "high"),
    599: ("failed", "high"),
    403: ("failed", "medium"),
    488: ("failed", "medium"),
    606: ("failed", "medium"),
}


@pytest.mark.parametrize("code", CODES)
def test_the_sip_code_says_why_a_direct_routing_call_was_not_established(code):
    name, confidence = CODES[code]
    assert outcome(silent(organizer=NUMBER), direct_routing(code)) == (name, "direct_routing_log", confidence)


@pytest.mark.parametrize("code", [None, 0, 200, 180, 302, 700])
def test_another_sip_code_says_nothing(code):
    call = silent(leg(0, 9, NUMBER, BEN), type="groupCall")
    assert outcome(call, direct_routing(code)) == NOTHING


LOG = ("answered", "direct_routing_log", "high")
LOGS = {
    "answered by a trunk": (silent(), [direct_routing(200, success=True)], LOG),
    "answered, normal end": (silent(), [direct_routing(0, success=True)], LOG),
    "answered at the second attempt": (silent(), [direct_routing(503), direct_routing(0, success=True)], LOG),
    "the last attempt counts": (
        silent(),
        [direct_routing(486, start=BEGAN + timedelta(seconds=9)), direct_routing(503, start=BEGAN)],
        ("busy", "direct_routing_log", "high"),
    ),
    "connected": (silent(), [pstn()], ("answered", "pstn_log", "high")),
    "not connected": (silent(), [pstn(0)], ("not_answered", "pstn_log", "medium")),
    "a duration that is not known": (silent(leg(0, 9, ADA, BEN)), [pstn(None)], NOTHING),
    "forwarded": (silent(), [pstn(0), pstn(50, call_type="user_out_forwarding")], ("forwarded", "pstn_log", "high")),
    "forwarded over a trunk": (
        silent(),
        [direct_routing(0, success=True, call_type="ByotOutUserForwarding")],
        ("forwarded", "direct_routing_log", "high"),
    ),
    "transferred": (silent(), [pstn(50, call_type="user_out_transfer")], ("answered", "pstn_log", "high")),
    "transferred over a trunk": (silent(), [direct_routing(486, call_type="ByotOutUserTransfer")], LOG),
    "dialled in": (silent(), [pstn(600, call_type="conf_in")], ("answered", "dial_in", "high")),
    "joined by number and time": (silent(), [pstn(is_certain=False)], ("answered", "pstn_log", "medium")),
    "a code joined by number and time": (
        silent(),
        [direct_routing(486, is_certain=False)],
        ("busy", "direct_routing_log", "medium"),
    ),
    "the trunk's answer is the attendant's": (a_queue_call(MENU, WAITED), [direct_routing(0, success=True)], IN_QUEUE),
    "an attendant that only the log shows": (silent(), [pstn(9, call_type="oc_ucap_in")], NOTHING),
    "cancelled in a queue": (
        a_queue_call(MENU, WAITED),
        [direct_routing(487, **QUEUE_ROW)],
        ("abandoned", "direct_routing_log", "medium"),
    ),
    "cancelled in a menu": (
        a_queue_call(MENU),
        [direct_routing(487, **QUEUE_ROW)],
        ("cancelled", "direct_routing_log", "high"),
    ),
    "an agent answered, whatever the trunk says": (
        a_queue_call(MENU, WAITED, talked(70, 90)),
        [direct_routing(487, **QUEUE_ROW)],
        AGENT,
    ),
    "unsuccessful with a normal end": (a_queue_call(MENU, WAITED), [direct_routing(0, **QUEUE_ROW)], IN_QUEUE),
    "voicemail answered the trunk": (
        a_direct_call(leg(0, 30, NUMBER, VOICEMAIL), organizer=NUMBER),
        [direct_routing(0, success=True)],
        ("voicemail", "voicemail_role", "low"),
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_call_with_rows_of_the_logs(name):
    facts, rows, expected = LOGS[name]
    assert outcome(facts, *rows) == expected


DIRECT = {
    "both talked": (a_direct_call(), MEDIA),
    "a telephone, whose ringing is media too": (
        a_direct_call(leg(0, 60, ADA, GATEWAY), participants=(ADA, NUMBER)),
        ("answered", "media", "low"),
    ),
    "no media, no length": (silent(leg(0, 0, ADA, BEN)), ("not_answered", "no_media", "low")),
    "no media, and no client": (
        silent(leg(0, 20, ADA, BEN._replace(has_client=False))),
        ("not_answered", "no_media", "low"),
    ),
    "no media, but a client": (silent(leg(0, 20, ADA, BEN)), NOTHING),
    "media without packets": (a_direct_call(has_packets=False), NOTHING),
    "packets in no time": (a_direct_call(leg(0, 0, ADA, BEN)), NOTHING),
    "no sessions": (silent(legs=()), NOTHING),
    "recorded by a bot, so it is a group call": (a_direct_call(type="groupCall"), MEDIA),
    "nothing sent in a group call": (silent(type="groupCall"), NOTHING),
    "a meeting": (a_direct_call(is_meeting=True), ("unknown", "meeting", "low")),
    "a telephone in a meeting": (
        a_direct_call(leg(0, 60, NUMBER, SERVICE), is_meeting=True),
        ("answered", "dial_in", "high"),
    ),
    "voicemail": (silent(leg(0, 30, ADA, VOICEMAIL)), ("voicemail", "voicemail_role", "low")),
    "voicemail among the participants": (silent(is_voicemail=True), ("voicemail", "voicemail_role", "low")),
}


@pytest.mark.parametrize("name", DIRECT)
def test_a_call_without_voice_apps(name):
    facts, expected = DIRECT[name]
    assert outcome(facts) == expected


def test_an_imported_account_is_a_queue_though_no_record_says_so():
    call = a_queue_call(leg(0, 60, callee=SILENT), rang(9))
    assert outcome(call) == NOTHING
    assert outcome(call, apps={"silent": App("call_queue", "Support")}) == RANG


def test_an_agent_whose_account_is_a_queue_is_none():
    call = a_queue_call(leg(0, 60, callee=QUEUE), talked(9, 60, ADA))
    assert outcome(call, apps={"ada": App("call_queue", "Ada's queue")}) == IN_QUEUE


def test_an_outcome_is_provisional_until_who_answered_is_known_or_four_hours_passed():
    first, second = a_queue_call(MENU, WAITED), a_queue_call(MENU, WAITED, talked(70, 360))
    until = judged(first).provisional_until
    assert until == BEGAN + timedelta(hours=4)
    assert is_provisional(until, until - timedelta(seconds=1))
    assert not is_provisional(until, until)
    assert judged(second).provisional_until is None
    assert judged(silent(), rows=[direct_routing(0, success=True)]).provisional_until is None
    assert judged(a_queue_call(MENU, modified=None)).provisional_until is None


def test_every_outcome_has_a_shape_here():
    shapes = [expected for _, *_, expected in [*VOICE_APPS.values(), *LOGS.values(), *DIRECT.values()]]
    assert {one[0] for one in shapes} | {name for name, _ in CODES.values()} == set(OUTCOMES)
    assert len(shapes) + len(CODES) >= 60
