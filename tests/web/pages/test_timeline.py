"""The timeline of a call: lanes, bars, groups and the period shown."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.archive.queries.call_outline import End, Part, Session
from app.web.pages.call import timeline, timeline_groups
from app.web.pages.call.timeline import Lane, Period

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
WHOLE = Period(START, START + timedelta(seconds=1000))
SERVER = End("serviceEndpoint", None, None, None, None, None, None, None)


def at(seconds):
    return START + timedelta(seconds=seconds)


def an_end(person="ada", platform="windows"):
    return End("participantEndpoint", person, person.title(), None, "user", platform, None, None)


def a_session(position=0, begin=0, end=1000, caller=None, **more):
    given = {"quality": "good", "failure_stage": None, "failure_reason": None, "segments": []} | more
    poor = Counter({("main-audio", "averageJitter"): 2}) if given["quality"] == "poor" else Counter()
    ends = (caller or an_end(), more.pop("callee", SERVER))
    stage, reason, quality, parts = (given[n] for n in ("failure_stage", "failure_reason", "quality", "segments"))
    return Session(position, None, [], at(begin), at(end), *ends, stage, reason, quality, parts, poor)


def a_row(person, position=0):
    identity = {"identity_kind": "user", "identity_id": person, "identity_display_name": person.title()}
    return identity | {"identity_user_principal_name": None, "participant_id": person, "participant_position": position}


def lanes_of(*sessions, people=("ada",), shown=WHOLE):
    return timeline.lanes([a_row(person, place) for place, person in enumerate(people)], sessions, shown)


def test_a_session_is_drawn_to_scale():
    (lane,) = lanes_of(a_session(begin=250, end=500))
    (bar,) = lane.bars
    assert (bar.x, bar.width, bar.kind) == (25.0, 25.0, "good")
    assert (lane.joined, lane.left) == (at(250), at(500))


def test_a_session_that_ends_before_it_starts_has_no_length():
    (lane,) = lanes_of(a_session(begin=500, end=250))
    (bar,) = lane.bars
    assert (bar.x, bar.width, bar.title) == (50.0, timeline.MIN_WIDTH, "good, unknown length")


def test_each_segment_is_drawn_with_its_quality():
    parts = [Part(at(0), at(400), "good", failed=False), Part(at(400), at(600), "poor", failed=False)]
    (lane,) = lanes_of(a_session(segments=parts, quality="poor"))
    assert [(bar.x, bar.width, bar.kind) for bar in lane.bars] == [(0, 40, "good"), (40, 20, "poor")]


def test_a_very_short_session_is_still_visible():
    (lane,) = lanes_of(a_session(begin=1000, end=1000, failure_stage="midcall"))
    (bar,) = lane.bars
    assert bar.width == timeline.MIN_PATTERN_WIDTH
    assert bar.x + bar.width <= 100
    assert (bar.kind, lane.failed) == ("failed", True)


def test_both_participants_of_a_direct_call_have_the_session_and_a_server_has_no_lane():
    direct = a_session(callee=an_end("bob", "web"))
    assert [lane.sessions for lane in lanes_of(direct, people=("ada", "bob"))] == [[0], [0]]
    assert len(lanes_of(a_session())) == 1


def test_an_endpoint_outside_the_participant_list_has_a_lane():
    assert [lane.identity["id"] for lane in lanes_of(a_session(caller=an_end("eve")), people=())] == ["eve"]


def test_lanes_are_ordered_poor_then_failed_then_by_joining():
    found = lanes_of(
        a_session(0, 300, caller=an_end("ada")),
        a_session(1, 200, caller=an_end("bob")),
        a_session(2, 400, caller=an_end("cid"), failure_reason="gone"),
        a_session(3, 500, caller=an_end("dan"), quality="poor"),
        people=("ada", "bob", "cid", "dan", "eve"),
    )
    assert [lane.identity["id"] for lane in found] == ["dan", "cid", "bob", "ada", "eve"]
    assert [lane.has_problem for lane in found] == [True, True, False, False, False]


def test_nothing_is_drawn_outside_the_period():
    shown = Period(at(100), at(200))
    inside, outside = lanes_of(
        a_session(0, 150, 1000), a_session(1, 300, 400, caller=an_end("bob")), people=("ada", "bob"), shown=shown
    )
    assert [(bar.x, bar.width) for bar in inside.bars] == [(50, 50)]
    assert outside.bars == []


def test_without_known_times_every_participant_has_a_lane():
    assert timeline.period(None, None, []) is None
    assert [lane.bars for lane in lanes_of(people=("ada", "bob"), shown=None)] == [[], []]


@pytest.mark.parametrize(
    ("first", "length", "texts"),
    [
        (0, 1140, ["0:00", "5:00", "10:00", "15:00"]),
        (300, 420, ["6:00", "8:00", "10:00", "12:00"]),
        (0, 7300, ["0:00", "30:00", "1:00:00", "1:30:00", "2:00:00"]),
        (0, 1, ["0:00", "0:01"]),
    ],
)
def test_the_ruler_shows_round_offsets_into_the_call(first, length, texts):
    found = timeline.ticks(Period(at(first), at(first + length)), first)
    assert [tick.text for tick in found] == texts
    assert all(0 <= tick.at <= 100 for tick in found)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65, "1:05"), (3661, "1:01:01")])
def test_an_offset_is_written_like_a_clock(seconds, text):
    assert timeline.offset(seconds) == text


@pytest.mark.parametrize(
    ("first", "last", "part"),
    [
        ("1:05", "2:00", (65, 120)),
        ("65", "120", (65, 120)),
        ("0:00:10", "2000", (10, 2000)),
        ("5:00", "2:00", (0, 1000)),
        ("-5", "10", (0, 1000)),
        ("2000", "3000", (0, 1000)),
        ("nan", "10", (0, 1000)),
        ("1e300", "1e301", (0, 1000)),
        ("soon", "", (0, 1000)),
    ],
)
def test_an_invalid_zoom_shows_the_entire_call(first, last, part):
    zoomed = timeline_groups.zoomed({"zoom_from": first, "zoom_to": last}, WHOLE)
    assert zoomed == Period(at(part[0]), at(part[1]))


def a_lane(kind="good", platform="windows"):
    lane = Lane({"id": "x"}, platforms=[platform], poor=4 if kind == "poor" else 0, failed=kind == "failed")
    lane.bars.append(timeline.Bar(0, 10, kind, "", 0))
    return lane


def test_few_lanes_are_one_group_without_a_heading():
    (group,) = timeline_groups.grouped([a_lane(), a_lane("poor")])
    assert (group.text, group.is_open, group.problem_count) == ("", True, 1)


def test_of_many_lanes_groups_with_problems_are_open_and_others_folded():
    many = [a_lane() for _ in range(50)] + [a_lane("poor"), a_lane("failed"), a_lane("unknown")]
    found = [(group.text, len(group.lanes), group.is_open) for group in timeline_groups.grouped(many)]
    assert found == [
        ("with poor streams", 1, True),
        ("failed", 1, True),
        ("good", 50, False),
        ("unknown quality", 1, False),
    ]


def test_a_single_group_of_good_lanes_is_open():
    (group,) = timeline_groups.grouped([a_lane() for _ in range(50)])
    assert (group.text, group.is_open) == ("good", True)


def test_by_client_groups_with_problems_come_first():
    found = timeline_groups.grouped([a_lane() for _ in range(3)] + [a_lane("poor", "roomSystem")], "client")
    assert [(group.text, group.problem_count) for group in found] == [("room system", 1), ("Windows", 0)]


def test_a_participant_who_was_away_is_shown_as_back():
    dropped = a_session(0, 0, 300, failure_stage="midcall")
    (lane,) = lanes_of(dropped, a_session(1, 400, 700), a_session(2, 703, 900), a_session(3, 910, 1000))
    assert [str(gap) for gap in lane.gaps()] == ["dropped, back after 1 min 40 s", "left, back after 10 s"]
    (at_once,) = lanes_of(a_session(0, 0, 1000), a_session(1, 100, 200), a_session(2, 300, 400))
    assert at_once.gaps() == []


def test_lanes_are_filtered_by_what_happened_and_by_name():
    back = Lane(
        {"id": "1", "display_name": "Ada"},
        spans=[timeline.Span(at(0), at(9), False), timeline.Span(at(99), at(100), False)],
    )
    poor = Lane({"id": "2", "display_name": "Bea", "user_principal_name": "bea@c.com"}, poor=1)
    lanes = [back, poor]
    assert timeline_groups.filtered(lanes, "back") == [back]
    assert timeline_groups.filtered(lanes, "poor") == [poor]
    assert timeline_groups.filtered(lanes, "", "BEA@") == [poor]
    assert timeline_groups.filtered(lanes, "poor", "ada") == []
