"""One relation in one request is all that is documented: what follows where a cloud does not give both in one."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.graph.errors import Changed, NotFound, Refused, Throttled
from app.graph.records.expand import Expand
from tests.graph.graph_server import (
    APART,
    ID,
    PARTICIPANTS,
    PEOPLE,
    SESSIONS,
    VERSION,
    WHOLE,
    Reply,
    a_call_record,
    named,
    refusal,
)
from tests.graph.test_reading_a_record import parts_of, read

pytestmark = pytest.mark.anyio

OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
SESSIONS_ONLY = {"id": ID, "version": 1, "lastModifiedDateTime": OLD, "sessions": named("s1")}
PEOPLE_ONLY = {"id": ID, "version": 1, "lastModifiedDateTime": OLD, "participants_v2": named("p1", "p2")}

# What a cloud that gives one relation at a time may answer to a request for both.
ONE_AT_A_TIME = [
    refusal(400),
    refusal(501),
    refusal(404, message="Resource not found for the segment 'participants_v2'."),
    Reply(SESSIONS_ONLY),
    Reply(SESSIONS_ONLY | {"participants_v2": None}),
    Reply(PEOPLE_ONLY),
]


class Remembered:
    """The form that a tenant's cloud accepts, as a database would store it."""

    def __init__(self, form=None, at=None):
        self.value, self.stored = (form, at) if form else None, []

    async def load(self):
        return self.value

    async def store(self, form, at):
        self.value = form, at
        self.stored.append(form)


@pytest.fixture
def memory():
    return Remembered()


@pytest.fixture
def now():
    return [datetime(2026, 1, 1, tzinfo=UTC)]


@pytest.fixture
def make(client_with, now):
    """A client of a process that starts now."""
    return lambda memory: client_with(expand=Expand(memory, clock=lambda: now[0]))


@pytest.fixture(params=range(len(ONE_AT_A_TIME)))
def one_at_a_time(request, graph):
    graph.on(WHOLE, ONE_AT_A_TIME[request.param])
    graph.on(APART, SESSIONS_ONLY)
    graph.on(PEOPLE, PEOPLE_ONLY)
    return graph


async def test_both_relations_are_there_and_the_next_record_costs_two_requests(one_at_a_time, client):
    assert await read(client) == (["s1"], ["p1", "p2"], None)
    one_at_a_time.asked.clear()
    assert await read(client) == (["s1"], ["p1", "p2"], None)
    assert one_at_a_time.targets == [APART, PEOPLE]


async def test_after_a_restart_a_record_still_costs_two_requests(one_at_a_time, make, memory):
    await read(make(memory))
    one_at_a_time.asked.clear()
    for _ in range(2):
        assert await read(make(memory)) == (["s1"], ["p1", "p2"], None)
    assert one_at_a_time.targets == [APART, PEOPLE] * 2
    assert memory.stored == ["apart"]


async def test_both_in_one_request_are_tried_again_after_a_day(one_at_a_time, make, memory, now):
    first = make(memory)
    await read(first)
    now[0] += timedelta(hours=24)
    one_at_a_time.on(WHOLE, a_call_record(sessions=named("s1")))
    for client in (first, make(memory)):
        one_at_a_time.asked.clear()
        assert await read(client) == (["s1"], [], None)
        assert one_at_a_time.targets == [WHOLE]
    assert memory.stored == ["apart", "together"]


@pytest.mark.parametrize(
    "changes",
    [{"version": 2}, {"lastModifiedDateTime": NEW}, {"version": 2, "lastModifiedDateTime": NEW}],
)
@pytest.mark.parametrize("left_out", [(), ("version",), ("lastModifiedDateTime",)])
async def test_a_record_that_was_rewritten_between_the_two_answers_is_changed(one_at_a_time, client, changes, left_out):
    answer = PEOPLE_ONLY | changes
    one_at_a_time.on(PEOPLE, {name: value for name, value in answer.items() if name not in left_out})
    one_at_a_time.on(APART, SESSIONS_ONLY | changes if whole_has_people(one_at_a_time) else SESSIONS_ONLY)
    if set(changes) <= set(left_out) and not whole_has_people(one_at_a_time):
        assert await read(client) == (["s1"], ["p1", "p2"], None)
        return
    with pytest.raises(Changed):
        await parts_of(client)


def whole_has_people(graph):
    """Whether the first answer has the participants, so that the sessions are what is asked for."""
    reply = graph._replies[WHOLE][0]
    return isinstance(reply.body, dict) and reply.body.get("participants_v2") is not None


async def test_the_merged_document_is_the_first_answer_with_the_other_relation(client, graph):
    graph.on(WHOLE, refusal(400))
    graph.on(APART, SESSIONS_ONLY | {"type": "groupCall"})
    graph.on(PEOPLE, PEOPLE_ONLY | {"participants_v2@odata.context": "c"})
    (part,) = await parts_of(client)
    assert (part.raw, part.value) == (None, SESSIONS_ONLY | {"type": "groupCall", "participants_v2": named("p1", "p2")})


async def test_further_pages_of_both_are_followed_and_the_version_is_compared_at_the_end(client, graph):
    for first in (WHOLE, APART):
        graph.on(first, SESSIONS_ONLY | {"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"})
    graph.on(PEOPLE, PEOPLE_ONLY | {"participants_v2@odata.nextLink": f"{graph.root}{PARTICIPANTS}?$skiptoken=2"})
    graph.on(f"{SESSIONS}&$skiptoken=2", {"value": named("s2")})
    graph.on(f"{PARTICIPANTS}?$skiptoken=2", {"value": named("p3")})
    graph.on(VERSION, {"id": ID, "version": 1, "lastModifiedDateTime": OLD})
    assert await read(client) == (["s1", "s2"], ["p1", "p2", "p3"], None)
    graph.on(VERSION, {"id": ID, "version": 1, "lastModifiedDateTime": NEW})
    with pytest.raises(Changed):
        await parts_of(client)


@pytest.mark.parametrize("expanded", [refusal(400), refusal(501), Reply({"id": ID, "version": 1})])
async def test_where_the_participants_are_only_a_list_of_their_own_it_is_asked(make, memory, graph, expanded):
    graph.on(WHOLE, refusal(400))
    graph.on(APART, SESSIONS_ONLY)
    graph.on(PEOPLE, expanded)
    graph.on(PARTICIPANTS, {"value": named("p1"), "@odata.nextLink": f"{graph.root}{PARTICIPANTS}?$skiptoken=2"})
    graph.on(f"{PARTICIPANTS}?$skiptoken=2", {"value": named("p2")})
    graph.on(VERSION, SESSIONS_ONLY)
    assert await read(make(memory)) == (["s1"], ["p1", "p2"], None)
    graph.asked.clear()
    assert await read(make(memory)) == (["s1"], ["p1", "p2"], None)
    assert graph.targets == [APART, PARTICIPANTS, f"{PARTICIPANTS}?$skiptoken=2", VERSION]
    assert memory.stored == ["listed"]


NO_SUCH_SEGMENT = refusal(404, message="Resource not found for the segment 'participants_v2'.")


@pytest.mark.parametrize("refused", [refusal(400), NO_SUCH_SEGMENT])
async def test_a_cloud_without_participants_v2_gives_the_record_as_it_is_and_the_next_one_costs_one_request(
    make, memory, graph, refused
):
    text = json.dumps(SESSIONS_ONLY | {"participants": named("p1")}).encode()
    graph.on(WHOLE, refused)
    graph.on(APART, Reply(text))
    graph.on(PEOPLE, refused)
    graph.on(PARTICIPANTS, refused)
    (part,) = await parts_of(make(memory))
    assert (part.raw, part.value["participants"]) == (text, named("p1"))
    graph.asked.clear()
    await parts_of(make(memory))
    assert (graph.targets, memory.stored) == ([APART], ["sessions"])


async def test_a_list_of_participants_that_is_not_found_once_is_asked_again_for_the_next_record(make, memory, graph):
    """A 404 for the record's sake says nothing about the cloud."""
    graph.on(WHOLE, refusal(400))
    graph.on(APART, SESSIONS_ONLY)
    graph.on(PEOPLE, refusal(400), PEOPLE_ONLY)
    graph.on(PARTICIPANTS, refusal(404, "NotFound", "Could not find the requested call record."))
    assert (await parts_of(make(memory)))[0].value == SESSIONS_ONLY
    assert await read(make(memory)) == (["s1"], ["p1", "p2"], None)


async def test_a_short_wait_for_the_second_answer_does_not_throw_the_first_away(client, graph):
    graph.on(WHOLE, refusal(400))
    graph.on(APART, SESSIONS_ONLY)
    graph.on(PEOPLE, refusal(429, **{"Retry-After": "2"}), refusal(503), PEOPLE_ONLY)
    assert await read(client) == (["s1"], ["p1", "p2"], None)
    assert graph.targets.count(APART) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(429, **{"Retry-After": "300"}), Throttled),
        (refusal(404, "NotFound"), NotFound),
        (refusal(403), Refused),
    ],
)
async def test_what_is_not_about_expanding_is_raised_and_nothing_is_remembered(make, memory, graph, reply, error):
    graph.on(WHOLE, refusal(400))
    graph.on(APART, SESSIONS_ONLY)
    graph.on(PEOPLE, reply)
    with pytest.raises(error):
        await parts_of(make(memory))
    assert memory.stored == []


async def test_a_refusal_of_both_requests_is_not_held_against_the_combined_one(make, memory, graph):
    graph.on(WHOLE, refusal(400))
    graph.on(APART, refusal(400))
    client = make(memory)
    for _ in range(2):
        with pytest.raises(Refused):
            await parts_of(client)
    assert graph.targets.count(WHOLE) == 2
    assert memory.stored == []


async def test_a_cloud_that_gives_both_is_asked_once_and_nothing_is_stored(make, memory, graph):
    graph.on(WHOLE, a_call_record())
    client = make(memory)
    await parts_of(client)
    await parts_of(client)
    assert graph.targets == [WHOLE] * 2
    assert memory.stored == []


async def test_a_form_that_a_newer_program_stored_is_none(make, graph, now):
    graph.on(WHOLE, a_call_record())
    await parts_of(make(Remembered("unheard of", now[0])))
    assert graph.targets == [WHOLE]
