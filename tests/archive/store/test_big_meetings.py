"""A meeting of 3,000 sessions and 2,900 participants, in the pages in which Graph sends it."""

import tracemalloc

import orjson
import pytest

from app.archive.documents import codec
from app.archive.parse.record import RecordBuilder
from app.archive.queries import stored_calls
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_session,
    a_stream,
    kept,
    save,
)

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SESSIONS, SESSIONS_A_PAGE = 3000, 60
PARTICIPANTS, PARTICIPANTS_A_PAGE = 2900, 130


def a_session_of_four_streams(number):
    streams = [a_stream(streamId=str(number)), a_stream(averageJitter="PT0.04S" if number % 100 == 0 else "PT0.01S")]
    return a_session(segments=[a_segment(media=[a_media(streams=streams), a_media(streams=streams)])])


def pages_of_a_meeting():
    """Fresh pages as they come off the wire, so that nothing but the builder holds what was read."""
    for first in range(0, SESSIONS, SESSIONS_A_PAGE):
        page = [a_session_of_four_streams(number) for number in range(first, first + SESSIONS_A_PAGE)]
        yield "sessions", orjson.loads(orjson.dumps(page))
    for first in range(0, PARTICIPANTS, PARTICIPANTS_A_PAGE):
        page = [a_participant() for _ in range(first, min(first + PARTICIPANTS_A_PAGE, PARTICIPANTS))]
        yield "participants", orjson.loads(orjson.dumps(page))


def read_by_pages():
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(a_call_record(type="groupCall", sessions=[], participants_v2=[]))
    for kind, items in pages_of_a_meeting():
        getattr(builder, f"add_{kind}")(items)
    return builder.finish(NOW)


@pytest.fixture(scope="module")
def meeting():
    return read_by_pages()


async def test_a_big_meeting_is_saved_and_found_whole(database, meeting):
    assert await save(database, meeting) == {(TENANT, CALL)}
    async with database.reading() as db:
        call = await stored_calls.call(db, CALL)
    assert (call["session_count"], call["participant_count"], call["stream_count"]) == (3000, 2900, 12000)
    assert (call["quality"], call["poor_stream_count"]) == ("poor", 60)
    assert len(call["sessions"]) == 3000
    assert [len(media["streams"]) for media in call["sessions"][2999]["segments"][0]["media"]] == [2, 2]


def test_a_big_meeting_by_pages_equals_the_same_given_whole(meeting):
    whole = kept(orjson.loads(codec.unpack(meeting.document)))
    assert whole.children == meeting.children
    assert whole.row == meeting.row


def test_a_big_meeting_is_read_in_little_memory():
    tracemalloc.start()
    try:
        done = read_by_pages()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(done.children["streams"]) == 12000
    assert len(done.children["media"]) == 6000
    assert peak < 150_000_000
