import json
from contextlib import aclosing
from itertools import pairwise

import pytest

from app.graph.errors import BadResponse, Changed, LoginFailed, NotFound, Refused, Throttled, Unavailable
from tests.graph.graph_server import (
    ID,
    PARTICIPANTS,
    RECORD,
    SESSIONS,
    VERSION,
    WHOLE,
    Raw,
    Reply,
    a_call_record,
    named,
    refusal,
)

pytestmark = pytest.mark.anyio


async def parts_of(client, call_id=ID):
    return [part async for part in client.call_record(call_id)]


async def read(client):
    """The rows as a caller would keep them, and the reason why some are missing."""
    record, *rest = await parts_of(client)
    rows = {"sessions": record.value["sessions"], "participants": record.value.get("participants_v2")}
    reason = None
    for part in rest:
        if part.kind == "incomplete":
            reason = part.value["reason"]
        else:
            rows[part.kind] = part.value if part.restart else rows[part.kind] + part.value
    return [row["id"] for row in rows["sessions"]], [row["id"] for row in rows["participants"]], reason


async def test_a_small_record_is_one_request_and_its_text_is_kept(client, graph):
    text = json.dumps(a_call_record(sessions=named("s1")), indent=3).encode()
    graph.on(WHOLE, Reply(text))
    (part,) = await parts_of(client)
    assert (part.kind, part.raw, part.value["id"]) == ("record", text, ID)
    assert graph.targets == [WHOLE]


class Elsewhere:
    """Reads bytes in another place, and gives the same answer each time."""

    def __init__(self, answer):
        self.answer = answer
        self.given = []

    async def read(self, raw):
        self.given.append(raw)
        return self.answer


async def test_an_answer_that_is_read_elsewhere_is_not_parsed_here(client, graph):
    elsewhere = Elsewhere("what was read")
    graph.on(WHOLE, Reply(b"{ this is no JSON, and only read elsewhere }"))
    (part,) = [part async for part in client.call_record(ID, elsewhere.read)]
    assert (part.kind, part.value) == ("read", "what was read")
    assert (len(elsewhere.given), graph.targets) == (1, [WHOLE])


async def test_an_answer_that_is_not_read_elsewhere_is_parsed_here_without_another_request(client, graph):
    elsewhere = Elsewhere(None)
    graph.on(WHOLE, a_call_record(sessions=named("s1")))
    (part,) = [part async for part in client.call_record(ID, elsewhere.read)]
    assert (part.kind, part.value["sessions"]) == ("record", named("s1"))
    assert (elsewhere.given, graph.targets) == ([part.raw], [WHOLE])


async def test_an_answer_with_a_link_or_that_is_no_json_is_not_read_elsewhere(client, graph):
    elsewhere = Elsewhere("what was read")
    page = f"{SESSIONS}&$skiptoken=2"
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": f"{graph.root}{page}"}))
    graph.on(page, {"value": named("s2")})
    graph.on(VERSION, a_call_record())
    assert [part.kind async for part in client.call_record(ID, elsewhere.read)] == ["record", "sessions"]
    graph.on(WHOLE, Reply(b"<html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(BadResponse):
        [part async for part in client.call_record(ID, elsewhere.read)]
    assert elsewhere.given == []


async def test_each_request_carries_preference_token_and_an_id_of_its_own(client, graph):
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"}))
    graph.on(f"{SESSIONS}&$skiptoken=2", {"value": []})
    graph.on(VERSION, a_call_record())
    await parts_of(client)
    headers = [asked.headers for asked in graph.asked]
    assert {h["Prefer"] for h in headers} == {"include-unknown-enum-members"}
    assert {h["Authorization"] for h in headers} == {"Bearer known"}
    assert len({h["client-request-id"] for h in headers}) == 3
    assert headers[0]["User-Agent"].startswith("callkeeper/")


async def test_sessions_participants_and_segments_are_followed_to_their_ends(client, graph):
    page = f"{RECORD}/sessions/s1/segments?$skiptoken=b"
    session = {"id": "s1", "segments": named("g1"), "segments@odata.nextLink": graph.root + page}
    graph.on(
        WHOLE,
        a_call_record(
            sessions=[session],
            participants_v2=named("p1"),
            **{
                "sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2",
                "participants_v2@odata.nextLink": f"{graph.root}{PARTICIPANTS}?$skiptoken=2",
            },
        ),
    )
    graph.on(page, {"value": named("g2"), "@odata.nextLink": f"{graph.root}{page}c"})
    graph.on(f"{page}c", {"value": named("g3")})
    graph.on(f"{SESSIONS}&$skiptoken=2", {"value": [], "@odata.NextLink": f"{graph.root}{SESSIONS}&$skiptoken=3"})
    graph.on(f"{SESSIONS}&$skiptoken=3", {"value": [{"id": "s2"} | _segments_link(graph)]})
    graph.on(f"{RECORD}/sessions/s2/segments?$skiptoken=b", {"value": named("g4")})
    graph.on(f"{PARTICIPANTS}?$skiptoken=2", {"value": named("p2")})
    graph.on(VERSION, a_call_record())

    record, empty, sessions, participants = await parts_of(client)
    assert record.raw is None
    assert not [key for key in record.value if "nextLink" in key]
    assert record.value["sessions"] == [{"id": "s1", "segments": named("g1", "g2", "g3")}]
    assert (empty.kind, empty.value) == ("sessions", [])
    assert sessions.value == [{"id": "s2", "segments": named("g4")}]
    assert (participants.kind, participants.value) == ("participants", named("p2"))


def _segments_link(graph):
    return {"segments@odata.nextLink": f"{graph.root}{RECORD}/sessions/s2/segments?$skiptoken=b"}


async def test_a_link_to_another_host_is_never_requested_and_the_list_is_read_anew(client, graph, elsewhere):
    link = f"{elsewhere.root}{SESSIONS}&$skiptoken=2"
    graph.on(WHOLE, a_call_record(sessions=named("s1"), **{"sessions@odata.nextLink": link}))
    graph.on(SESSIONS, {"value": named("s1", "s2"), "@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=9"})
    graph.on(f"{SESSIONS}&$skiptoken=9", {"value": named("s3")})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["s1", "s2", "s3"], [], None)
    assert elsewhere.asked == []


async def test_where_the_list_itself_leads_astray_the_record_is_incomplete_and_says_why(client, graph, elsewhere):
    link = f"{elsewhere.root}{SESSIONS}&$skiptoken=2"
    graph.on(WHOLE, a_call_record(sessions=named("s1"), **{"sessions@odata.nextLink": link}))
    graph.on(SESSIONS, {"value": named("s1"), "@odata.nextLink": link})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["s1"], [], "sessions: a link leaves Graph's own collection")
    assert elsewhere.asked == []


async def test_where_the_list_is_not_there_what_was_read_before_stands(client, graph, elsewhere):
    graph.on(WHOLE, a_call_record(sessions=named("s1"), **{"sessions@odata.nextLink": elsewhere.root}))
    sessions, _, reason = await read(client)
    assert (sessions, reason) == (["s1"], "sessions: Graph does not know its own link (404)")


async def test_a_list_that_came_back_shorter_than_before_is_incomplete(client, graph, elsewhere):
    graph.on(WHOLE, a_call_record(sessions=named("s1", "s2"), **{"sessions@odata.nextLink": elsewhere.root}))
    graph.on(SESSIONS, {"value": named("s1")})
    graph.on(VERSION, a_call_record())
    assert "shorter" in (await read(client))[2]


async def test_a_circle_of_links_ends(client, graph):
    first, second = f"{SESSIONS}&$skiptoken=1", f"{SESSIONS}&$skiptoken=2"
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": graph.root + first}))
    graph.on(first, {"value": named("s1"), "@odata.nextLink": graph.root + second})
    graph.on(second, {"value": named("s2"), "@odata.nextLink": graph.root + first})
    graph.on(SESSIONS, {"value": named("s1", "s2", "s3")})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["s1", "s2", "s3"], [], None)


async def test_a_list_whose_link_is_itself_in_another_spelling_is_read_once_and_reported(client, graph):
    itself = f"{graph.root}{PARTICIPANTS}".replace("_v2", "%5Fv2")
    graph.on(WHOLE, a_call_record(participants_v2=named("p1"), **{"participants_v2@odata.nextLink": itself}))
    graph.on(PARTICIPANTS, {"value": named("p1", "p2"), "@odata.nextLink": itself})
    graph.on(VERSION, a_call_record())
    assert await read(client) == ([], ["p1", "p2"], "participants: a link was already followed")


async def test_the_documentations_metadata_link_is_mended(client, graph):
    link = f"{graph.root}/v1.0/$metadata#communications/callRecords('{ID}')/sessions?$expand=segments&$skiptoken=abc"
    graph.on(WHOLE, a_call_record(sessions=named("s1"), **{"sessions@odata.nextLink": link}))
    graph.on(f"{SESSIONS}&$skiptoken=abc", {"value": named("s2")})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["s1", "s2"], [], None)
    assert not [target for target in graph.targets if "$metadata" in target]


async def test_a_mended_link_that_graph_refuses_starts_the_list_again(client, graph):
    link = f"https://graph.microsoft.com/v1.0/$metadata#communications/callRecords('{ID}')/sessions?$skiptoken=abc"
    graph.on(WHOLE, a_call_record(sessions=named("s1"), **{"sessions@odata.nextLink": link}))
    graph.on(f"{RECORD}/sessions?$skiptoken=abc", refusal(400))
    graph.on(SESSIONS, {"value": named("s1", "s2")})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["s1", "s2"], [], None)


async def test_segments_that_lead_astray_are_listed_from_their_start(client, graph, elsewhere):
    session = {"id": "s1", "segments": named("g1"), "segments@odata.nextLink": elsewhere.root}
    graph.on(WHOLE, a_call_record(sessions=[session]))
    graph.on(f"{RECORD}/sessions/s1/segments", {"value": named("g1", "g2")})
    graph.on(VERSION, a_call_record())
    (record,) = await parts_of(client)
    assert record.value["sessions"][0]["segments"] == named("g1", "g2")


OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"version": 1}, {"version": 2}),
        ({"lastModifiedDateTime": OLD}, {"lastModifiedDateTime": NEW}),
        ({"version": 1, "lastModifiedDateTime": OLD}, {"version": 1, "lastModifiedDateTime": NEW}),
        ({"version": 1, "lastModifiedDateTime": OLD}, {"version": 2, "lastModifiedDateTime": OLD}),
        ({"version": 1, "lastModifiedDateTime": OLD}, {"lastModifiedDateTime": NEW}),
        ({"version": 1, "lastModifiedDateTime": OLD}, {"version": 2}),
        ({"lastModifiedDateTime": "2026-01-01T00:00:00.0000001Z"}, {"lastModifiedDateTime": OLD}),
    ],
)
async def test_a_record_rewritten_between_its_pages_is_changed(client, graph, before, after):
    """The version and the time of the last change, each where both answers have it: one can change without the other."""
    link = {"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"}
    graph.on(WHOLE, {"id": ID, "sessions": [], "participants_v2": []} | before | link)
    graph.on(f"{SESSIONS}&$skiptoken=2", {"value": []})
    graph.on(VERSION, {"id": ID} | after)
    with pytest.raises(Changed):
        await parts_of(client)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"version": 1, "lastModifiedDateTime": OLD}, {"version": 1, "lastModifiedDateTime": OLD}),
        ({"version": 1, "lastModifiedDateTime": OLD}, {"version": 1}),
        ({"version": 1}, {"lastModifiedDateTime": NEW}),
        ({}, {}),
        ({"lastModifiedDateTime": OLD}, {"lastModifiedDateTime": "2026-01-01T00:00:00.0000000Z"}),
        ({"lastModifiedDateTime": OLD}, {"lastModifiedDateTime": "2026-01-01T00:00:00+00:00"}),
    ],
)
async def test_a_record_that_stayed_the_same_is_not_changed(client, graph, before, after):
    link = {"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"}
    graph.on(WHOLE, {"id": ID, "sessions": [], "participants_v2": []} | before | link)
    graph.on(f"{SESSIONS}&$skiptoken=2", {"value": named("s1")})
    graph.on(VERSION, {"id": ID} | after)
    assert await read(client) == (["s1"], [], None)


async def test_beta_is_read_alike(graph, client_with):
    client = client_with(root=graph.root + "/", version="beta")
    beta = WHOLE.replace("/v1.0/", "/beta/")
    page = SESSIONS.replace("/v1.0/", "/beta/") + "&$skiptoken=2"
    graph.on(beta, a_call_record(**{"sessions@odata.nextLink": graph.root + page}))
    graph.on(page, {"value": named("s1")})
    graph.on(VERSION.replace("/v1.0/", "/beta/"), a_call_record())
    assert await read(client) == (["s1"], [], None)


async def test_the_first_request_is_not_repeated_when_graph_asks_to_wait(client, graph, pace):
    graph.on(WHOLE, refusal(429, **{"Retry-After": "7"}))
    with pytest.raises(Throttled) as raised:
        await parts_of(client)
    assert raised.value.retry_after == 7
    assert (pace.throttled, graph.targets) == ([7], [WHOLE])


async def test_a_page_is_repeated_when_graph_asks_to_wait_a_little(client, graph, pace):
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"}))
    graph.on(f"{SESSIONS}&$skiptoken=2", refusal(429), refusal(503, **{"Retry-After": "120"}), {"value": named("s1")})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["s1"], [], None)
    assert pace.throttled == [None, 120]
    assert pace.turns == [f"record:{ID}"] * 5


@pytest.mark.parametrize(("wait", "requests"), [("121", 1), ("1", 21)])
async def test_a_page_is_given_up_after_a_long_wait_or_many_waits(client, graph, wait, requests):
    page = f"{SESSIONS}&$skiptoken=2"
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": graph.root + page}))
    graph.on(page, refusal(429, **{"Retry-After": wait}))
    with pytest.raises(Throttled):
        await parts_of(client)
    assert graph.targets.count(page) == requests


async def test_a_page_survives_three_outages_and_no_more(client, graph, pace):
    page = f"{SESSIONS}&$skiptoken=2"
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": graph.root + page}))
    graph.on(page, refusal(503), Raw(b""), refusal(500), {"value": named("s1")})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["s1"], [], None)
    assert pace.pauses == sorted(pace.pauses)
    graph.on(page, refusal(503))
    with pytest.raises(Unavailable):
        await parts_of(client)


def _raw(headers, body):
    return Raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + headers + b"\r\n" + body)


WHOLE_TEXT = json.dumps(a_call_record()).encode()


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(_raw(b"Content-Length: 20\r\n", WHOLE_TEXT[:20]), id="truncated"),
        pytest.param(_raw(b"Content-Length: 900\r\n", WHOLE_TEXT), id="shorter than announced"),
        pytest.param(_raw(b"Transfer-Encoding: chunked\r\n", b"90\r\n{"), id="cut in a chunk"),
        pytest.param(Raw(b"garbage\r\n\r\n"), id="not HTTP"),
        pytest.param(_raw(b"Content-Encoding: gzip\r\nContent-Length: 4\r\n", b"nope"), id="not gzip"),
        pytest.param(Reply(b"<html>", 200, {"Content-Type": "text/html"}), id="a page"),
        pytest.param(Reply(WHOLE_TEXT, 200, {"Content-Type": "text/plain"}), id="not called JSON"),
        pytest.param(Reply([]), id="a list"),
        pytest.param(Reply(a_call_record(id="another")), id="another record"),
        pytest.param(Reply({"version": 1}), id="no id"),
        pytest.param(Reply(b"[" * 100_000), id="nested without end"),
        pytest.param(Reply(b"", 302, {"Location": "/v1.0/users"}), id="a redirect"),
    ],
)
async def test_an_answer_that_is_none_is_a_bad_response(client, graph, reply):
    graph.on(WHOLE, reply)
    with pytest.raises(BadResponse):
        await parts_of(client)
    assert graph.targets == [WHOLE]


async def test_a_connection_cut_before_the_answer_is_unavailable(client, graph):
    graph.on(WHOLE, Raw(b""))
    with pytest.raises(Unavailable):
        await parts_of(client)


async def test_half_an_emoji_and_another_case_of_the_id_do_not_spoil_a_record(client, graph):
    text = b'{"id":"%s","sessions":[],"participants_v2":[],"joinWebUrl":"\\ud83d"}' % ID.upper().encode()
    graph.on(WHOLE, Reply(text))
    (part,) = await parts_of(client)
    assert part.raw == text


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(404, "NotFound"), NotFound),
        (refusal(401, "InvalidAuthenticationToken"), LoginFailed),
        (refusal(403, "Forbidden"), Refused),
        (refusal(410, "Gone"), Refused),
        (refusal(408, "Timeout"), Unavailable),
        (refusal(500, "InternalServerError"), Unavailable),
        (refusal(503), Unavailable),
        (refusal(509, **{"Retry-After": "3"}), Throttled),
    ],
)
async def test_a_status_becomes_what_the_caller_does_next(client, graph, reply, error):
    graph.on(WHOLE, reply)
    with pytest.raises(error) as raised:
        await parts_of(client)
    assert (type(raised.value), raised.value.status) == (error, reply.status)


async def test_an_error_keeps_both_request_ids_and_graphs_code(client, graph):
    graph.on(WHOLE, refusal(403, "Forbidden", "line one\nline two", **{"request-id": "r-1"}))
    with pytest.raises(Refused) as raised:
        await parts_of(client)
    assert (raised.value.request_id, raised.value.code) == ("r-1", "Forbidden")
    assert raised.value.client_request_id == graph.asked[0].headers["client-request-id"]
    assert raised.value.reason == "Forbidden: line one line two"


@pytest.mark.parametrize("call_id", ["", "a/b", "..", "a?b", "a b", "a%2e", "é", "'x'"])
async def test_an_id_that_could_mean_something_in_a_url_is_refused(client, graph, call_id):
    with pytest.raises(ValueError, match="an id"):
        await parts_of(client, call_id)
    assert graph.asked == []


async def test_each_request_is_observed(graph, http, pace, client):
    seen = []
    client._exchange._observe = lambda operation, status, seconds: seen.append((operation, status, seconds >= 0))
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"}))
    graph.on(f"{SESSIONS}&$skiptoken=2", _raw(b"Content-Length: 9\r\n", b"{"), {"value": []})
    graph.on(VERSION, a_call_record())
    await parts_of(client)
    assert seen == [
        ("call_record", 200, True),
        ("page", "BadResponse", True),
        ("page", 200, True),
        ("version", 200, True),
    ]


async def test_a_link_arrives_meaning_what_graph_wrote(client, graph):
    token = "a%2Bb+c%2Fd%3D%3D%25x%26y%23z%3F%20~%C3%A9"
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken={token}"}))
    await parts_of(client)
    asked = next(asked for asked in graph.asked if "skiptoken" in asked.target)
    assert asked.query["$skiptoken"] == "a+b c/d==%x&y#z? ~é"


async def test_pages_without_end_are_cut_off(graph, client_with):
    client = client_with(most_pages=3)
    links = [f"{SESSIONS}&$skiptoken={number}" for number in range(9)]
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": graph.root + links[0]}))
    for link, following in pairwise(links):
        graph.on(link, {"value": named(link[-1]), "@odata.nextLink": graph.root + following})
    graph.on(VERSION, a_call_record())
    assert await read(client) == (["0", "1", "2"], [], "sessions: there are more than 3 pages")


async def test_leaving_a_record_half_read_leaves_nothing_open(client, graph):
    graph.on(WHOLE, a_call_record(**{"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"}))
    graph.on(f"{SESSIONS}&$skiptoken=2", {"value": named("s1")})
    async with aclosing(client.call_record(ID)) as parts:
        await anext(parts)
        await anext(parts)
    assert VERSION not in graph.targets


async def test_a_long_text_of_a_record_with_more_pages_is_complete_because_its_bytes_are_not_stored(client, graph):
    text = "x" * 3_000_000
    record = a_call_record(unknown=text, **{"sessions@odata.nextLink": f"{graph.root}{SESSIONS}&$skiptoken=2"})
    graph.on(WHOLE, record)
    graph.on(f"{SESSIONS}&$skiptoken=2", {"value": named("s1")})
    graph.on(VERSION, a_call_record())
    first, *_ = await parts_of(client)
    assert (first.raw, first.value["unknown"]) == (None, text)


async def test_a_long_text_of_a_record_in_one_answer_is_read_in_part_and_complete_in_its_bytes(client, graph):
    text = json.dumps(a_call_record(unknown="x" * 3_000_000)).encode()
    graph.on(WHOLE, Reply(text))
    (part,) = await parts_of(client)
    assert part.raw == text
    assert len(part.value["unknown"]) < 300_000
