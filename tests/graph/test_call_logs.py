"""The functions of the PSTN and Direct Routing logs: their URLs, and every way in which their pages go on."""

from datetime import UTC, datetime

import pytest

from app.graph.errors import BadResponse, Refused, Throttled
from tests.graph.graph_server import RecordingPace, Reply, named, refusal

pytestmark = pytest.mark.anyio

ROOT = "/v1.0/communications/callRecords"
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
SPAN = "(fromDateTime=2026-03-01T00:00:00Z,toDateTime=2026-03-02T00:00:01Z)"
PSTN, DIRECT_ROUTING = f"{ROOT}/getPstnCalls{SPAN}", f"{ROOT}/getDirectRoutingCalls{SPAN}"


async def ids_of(client, kind="pstn"):
    return [[row.get("id") for row in page] async for page in client.call_log(kind, SINCE, UNTIL)]


async def test_both_functions_are_asked_a_second_beyond_the_end_without_query_options(client, graph):
    graph.on(PSTN, {"@odata.count": 2, "value": named("a", "b")})
    graph.on(DIRECT_ROUTING, {"value": []})
    assert await ids_of(client) == [["a", "b"]]
    assert await ids_of(client, "direct_routing") == []


LINKS = {  # how the next page may be written
    "as documented, with renamed arguments": (
        "@odata.nextLink",
        f"{ROOT}/getPstnCalls(from=2026-03-01,to=2026-03-02)?$skip=1000",
    ),
    "with the older spelling": ("@odata.NextLink", f"{PSTN}?$skip=1000"),
    "with the qualified name": ("@odata.nextLink", f"{ROOT}/microsoft.graph.callRecords.getPstnCalls{SPAN}?$skip=1000"),
}


async def test_pages_are_followed_however_the_link_is_written(subtests, client, graph):
    for name, (spelling, target) in LINKS.items():
        with subtests.test(name):
            graph.on(PSTN, {"value": named("a"), spelling: graph.root + target})
            graph.on(target, {"value": named("b")})
            assert await ids_of(client) == [["a"], ["b"]]


async def test_a_link_that_leaves_call_records_or_repeats_is_a_bad_response_after_what_it_gave(
    subtests, client, graph, elsewhere
):
    for name, target in {
        "another host": f"{elsewhere.root}{PSTN}?$skip=1",
        "another collection": f"{graph.root}/v1.0/users?$skip=1",
        "the same page": f"{graph.root}{PSTN}",
    }.items():
        with subtests.test(name):
            graph.on(PSTN, {"value": named("a"), "@odata.nextLink": target})
            pages = client.call_log("pstn", SINCE, UNTIL)
            assert await anext(pages) == named("a")
            with pytest.raises(BadResponse, match="the log breaks off"):
                await anext(pages)


async def test_what_is_no_row_is_left_out_and_a_long_page_comes_in_parts(client, graph):
    graph.on(PSTN, {"value": [7, None, *named(*map(str, range(1500)))]})
    assert [len(page) for page in await ids_of(client)] == [1000, 500]
    graph.on(PSTN, {"value": None})
    assert await ids_of(client) == []


async def test_a_refusal_says_its_status_also_where_graph_gives_no_message(subtests, client, graph):
    for status in (400, 403, 406):
        with subtests.test(status=status):
            graph.on(PSTN, refusal(status, message=""))
            with pytest.raises(Refused) as refused:
                await ids_of(client)
            assert refused.value.status == status


async def test_a_throttled_log_waits_for_itself_and_not_for_call_records(client_with, graph, pace):
    of_log = RecordingPace()
    client = client_with(log_paces={"pstn": of_log, "direct_routing": RecordingPace()})
    graph.on(PSTN, Reply({"error": {}}, 429, {"Retry-After": "500"}))
    with pytest.raises(Throttled):
        await ids_of(client)
    assert of_log.turns == [""]
    assert pace.turns == []
