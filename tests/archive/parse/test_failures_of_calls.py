"""A call failed where Graph reports a failure on what carried the call; an agent who only rang is not one."""

import pytest

from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema import tables
from tests.archive.records import a_call_record, a_segment, a_session, guid, kept, only_row_of, save

pytestmark = pytest.mark.anyio

SETUP = {"stage": "callSetup", "reason": ""}
MIDCALL = {"stage": "midcall", "reason": "Ice failure"}
TIME = "2026-02-25T09:{:02}:00.1234567Z"
NEVER = "0001-01-01T00:00:00Z"


def a_leg(failure=None, *, minutes=0, segments=None, **changes):
    """A session of this length with one segment like it; both have the failure."""
    times = {"startDateTime": TIME.format(1), "endDateTime": TIME.format(1 + minutes), "failureInfo": failure}
    return a_session(**times, segments=[a_segment(**times)] if segments is None else segments) | changes


RANG = a_leg(SETUP)
ANSWERED = a_leg(minutes=5)


@pytest.mark.parametrize(
    ("sessions", "stage"),
    [
        ([ANSWERED], None),
        ([RANG, RANG, ANSWERED], None),  # a queue: two agents rang, a third answered
        ([RANG, a_leg()], "setup"),  # nothing was longer than zero
        ([RANG], "setup"),
        ([a_leg()], None),
        ([a_leg(SETUP, minutes=5)], "setup"),
        ([RANG, a_leg(MIDCALL, minutes=5)], "midcall"),
        ([a_leg(SETUP, minutes=5), a_leg(MIDCALL, minutes=5)], "midcall"),
        ([a_leg({"stage": "unknown", "reason": "x"}, minutes=5)], "unknown"),
        ([a_leg({"stage": "unknownFutureValue"}, minutes=5), a_leg(SETUP, minutes=5)], "setup"),
        ([ANSWERED, a_leg(MIDCALL, startDateTime=NEVER, endDateTime=NEVER, segments=[])], "midcall"),
        ([ANSWERED, a_leg(MIDCALL, endDateTime=TIME.format(0), segments=[])], "midcall"),
        ([ANSWERED | {"segments": [a_segment(failureInfo=MIDCALL)]}], "midcall"),
        (
            [
                ANSWERED
                | {"segments": [a_segment(startDateTime=TIME.format(1), endDateTime=TIME.format(1), failureInfo=SETUP)]}
            ],
            None,
        ),
        (
            [ANSWERED, a_leg(segments=[a_segment(startDateTime=None, endDateTime=None, failureInfo=SETUP)])],
            None,  # the segment is as long as its session
        ),
        ([], None),
    ],
)
def test_a_failure_counts_on_what_carried_the_call(sessions, stage):
    row = kept(a_call_record(sessions=sessions)).row
    assert (row["failed"], row["failed_stage"]) == (stage is not None, stage)


@pytest.mark.parametrize(
    ("failure", "stage"),
    [
        ({"stage": "midcall", "reason": ""}, "midcall"),
        ({"stage": "midcall", "reason": None}, "midcall"),
        ({"stage": "callSetup"}, "setup"),
        ({"stage": "CallSetup"}, "setup"),
        ({"stage": "callSetup", "reason": "Call ended: hung up during IVR menu"}, "setup"),
        ({"reason": ""}, "unknown"),
        ({"stage": 7, "reason": None}, "unknown"),
        ({"stage": None, "reason": None}, None),
        ({}, None),
        (None, None),
        ("midcall", None),
        (["midcall"], None),
    ],
)
def test_a_reason_may_be_empty_or_missing(failure, stage):
    row = kept(a_call_record(sessions=[a_leg(failure, minutes=5)])).row
    assert (row["failed"], row["failed_stage"]) == (stage is not None, stage)


async def test_calls_are_found_by_the_stage_at_which_they_failed(database):
    calls = {"setup": [RANG], "midcall": [a_leg(MIDCALL, minutes=5)], "unknown": [a_leg({"reason": "?"}, minutes=5)]}
    records = {
        stage: a_call_record(id=guid(number), sessions=sessions)
        for number, (stage, sessions) in enumerate({**calls, None: [RANG, ANSWERED]}.items(), 1)
    }
    await save(database, *records.values())
    async with database.reading() as db:
        for stage in calls:
            found = (await stored_calls.calls(db, Filters(failed_stage=stage))).items
            assert [(call["id"], call["failed"], call["failed_stage"]) for call in found] == [
                (records[stage]["id"], True, stage)
            ]
        assert len((await stored_calls.calls(db, Filters(failed=True))).items) == 3


async def test_the_failure_itself_is_stored_where_graph_reports_it(database):
    await save(database, a_call_record(sessions=[RANG, ANSWERED]))
    async with database.reading() as db:
        sessions = (await stored_calls.call(db, a_call_record()["id"]))["sessions"]
    assert [(one["failure_stage"], one["failure_reason"]) for one in sessions] == [("callSetup", ""), (None, None)]
    assert (await only_row_of(database, tables.call_records))["failed"] is False
