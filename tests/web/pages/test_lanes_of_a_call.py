"""The timeline of a call: who has a lane, what lies on it, in which groups, and which part is shown."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.archive.queries.call_outline import End, Part, Session
from app.web.pages.call import timeline, timeline_groups
from app.web.pages.call.timeline import Lane, Span

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
WHOLE = Span(START, START + timedelta(seconds=1000))
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


def test_a_session_lies_on_its_lane_to_scale():
    (lane,) = lanes_of(a_session(begin=250, end=500))
    (piece,) = lane.pieces
    assert (piece.x, piece.width, piece.kind) == (25.0, 25.0, "good")
    assert (lane.joined, lane.left) == (at(250), at(500))


def test_a_session_that_ends_before_it_starts_has_no_length():
    (lane,) = lanes_of(a_session(begin=500, end=250))
    (piece,) = lane.pieces
    assert (piece.x, piece.width, piece.title) == (50.0, timeline.SMALLEST, "good, unknown length")


def test_segments_lie_there_each_with_its_own_quality():
    parts = [Part(at(0), at(400), "good", failed=False), Part(at(400), at(600), "poor", failed=False)]
    (lane,) = lanes_of(a_session(segments=parts, quality="poor"))
    assert [(piece.x, piece.width, piece.kind) for piece in lane.pieces] == [(0, 40, "good"), (40, 20, "poor")]


def test_what_is_shorter_than_can_be_seen_is_seen_all_the_same():
    (lane,) = lanes_of(a_session(begin=1000, end=1000, failure_stage="midcall"))
    (piece,) = lane.pieces
    assert piece.width == timeline.SEEN
    assert piece.x + piece.width <= 100
    assert (piece.kind, lane.failed) == ("failed", True)


def test_both_ends_of_a_direct_call_have_the_session_and_a_server_has_none():
    direct = a_session(callee=an_end("bob", "web"))
    assert [lane.sessions for lane in lanes_of(direct, people=("ada", "bob"))] == [[0], [0]]
    assert len(lanes_of(a_session())) == 1


def test_an_end_that_is_no_participant_has_a_lane_of_its_own():
    assert [lane.identity["id"] for lane in lanes_of(a_session(caller=an_end("eve")), people=())] == ["eve"]


def test_the_poor_come_first_then_the_failed_then_as_they_joined():
    found = lanes_of(
        a_session(0, 300, caller=an_end("ada")),
        a_session(1, 200, caller=an_end("bob")),
        a_session(2, 400, caller=an_end("cid"), failure_reason="gone"),
        a_session(3, 500, caller=an_end("dan"), quality="poor"),
        people=("ada", "bob", "cid", "dan", "eve"),
    )
    assert [lane.identity["id"] for lane in found] == ["dan", "cid", "bob", "ada", "eve"]
    assert [lane.is_telling for lane in found] == [True, True, False, False, False]


def test_outside_of_what_is_shown_nothing_is_drawn():
    shown = Span(at(100), at(200))
    inside, outside = lanes_of(
        a_session(0, 150, 1000), a_session(1, 300, 400, caller=an_end("bob")), people=("ada", "bob"), shown=shown
    )
    assert [(piece.x, piece.width) for piece in inside.pieces] == [(50, 50)]
    assert outside.pieces == []


def test_where_no_moment_is_known_everybody_still_has_a_lane():
    assert timeline.span(None, None, []) is None
    assert [lane.pieces for lane in lanes_of(people=("ada", "bob"), shown=None)] == [[], []]


@pytest.mark.parametrize(
    ("first", "length", "texts"),
    [
        (0, 1140, ["0:00", "5:00", "10:00", "15:00"]),
        (300, 420, ["6:00", "8:00", "10:00", "12:00"]),
        (0, 7300, ["0:00", "30:00", "1:00:00", "1:30:00", "2:00:00"]),
        (0, 1, ["0:00", "0:01"]),
    ],
)
def test_the_ruler_tells_round_moments_since_the_start(first, length, texts):
    found = timeline.ticks(Span(at(first), at(first + length)), first)
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
def test_a_part_of_the_call_is_shown_where_it_makes_sense(first, last, part):
    zoomed = timeline_groups.zoomed({"zoom_from": first, "zoom_to": last}, WHOLE)
    assert zoomed == Span(at(part[0]), at(part[1]))


def a_lane(kind="good", platform="windows"):
    lane = Lane({"id": "x"}, platforms=[platform], poor=4 if kind == "poor" else 0, failed=kind == "failed")
    lane.pieces.append(timeline.Piece(0, 10, kind, "", 0))
    return lane


def test_a_few_are_one_group_without_a_head():
    (group,) = timeline_groups.grouped([a_lane(), a_lane("poor")])
    assert (group.text, group.is_open, group.telling) == ("", True, 1)


def test_of_many_those_with_something_to_tell_are_open_and_the_others_folded():
    many = [a_lane() for _ in range(50)] + [a_lane("poor"), a_lane("failed"), a_lane("unknown")]
    found = [(group.text, len(group.lanes), group.is_open) for group in timeline_groups.grouped(many)]
    assert found == [
        ("with poor streams", 1, True),
        ("failed", 1, True),
        ("good", 50, False),
        ("not judged", 1, False),
    ]


def test_many_good_ones_are_shown():
    (group,) = timeline_groups.grouped([a_lane() for _ in range(50)])
    assert (group.text, group.is_open) == ("good", True)


def test_by_client_the_worst_come_first():
    found = timeline_groups.grouped([a_lane() for _ in range(3)] + [a_lane("poor", "roomSystem")], "client")
    assert [(group.text, group.telling) for group in found] == [("room system", 1), ("Windows", 0)]
