"""backfill: what Graph lists and we lack is queued, however often it is done and wherever it breaks off."""

from datetime import UTC, datetime, timedelta

import pytest

from app.fetch.reconciliation.backfill import Swept, backfill
from app.graph.errors import GraphError
from app.inbox import queue, rows
from app.inbox.queue import WINDOW
from tests.archive.records import a_call_record, kept, save

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


def now():
    return datetime.now(UTC)


async def queued(database):
    """The rows waiting, by id."""
    async with database.reading() as db:
        return {row.call_id: row for row in await rows.rows(db, limit=1000)}


async def sweep(database, graph, since=WINDOW, until=None, **options):
    return await backfill(database, graph.client, graph.tenant_id, now() - since, until, **options)


async def hold(database, graph, call_id, version=1):
    """The archive has that version."""
    await save(database, kept(a_call_record(id=call_id, version=version), tenant=graph.tenant_id))


async def test_what_is_missing_or_older_here_is_queued_and_what_is_held_is_not(database, graph):
    missing, older, held, newer = await graph.world.make_calls(count=4, put={"notify": False})
    graph.world.bump(older)
    for call_id, version in ((older, 1), (held, 1), (newer, 2)):
        await hold(database, graph, call_id, version)
    assert await sweep(database, graph) == Swept(listed=4, queued=2)
    assert set(await queued(database)) == {missing, older}


async def test_twice_queues_once(database, graph):
    ids = await graph.world.make_calls(count=3)
    await sweep(database, graph)
    first = await queued(database)
    await sweep(database, graph)
    again = await queued(database)
    assert set(first) == set(again) == set(ids)
    assert [row.notices for row in again.values()] == [1, 1, 1]
    assert [row.first_seen_at for row in again.values()] == [row.first_seen_at for row in first.values()]


async def test_a_list_of_many_pages_is_followed_to_its_end(database, graph):
    ids = await graph.world.make_calls(count=130)
    seen = []
    assert await sweep(database, graph, progress=seen.append) == Swept(130, 130)
    assert [swept.listed for swept in seen] == [60, 120, 130]
    assert set(await queued(database)) == set(ids)


async def test_only_calls_that_started_in_the_span_are_queued_and_its_end_is_not_in_it(database, graph):
    begin = now() - 10 * HOUR
    ids = [
        (await graph.world.make_calls(start=start))[0]
        for start in (begin - HOUR, begin, begin + HOUR, begin + 2 * HOUR)
    ]
    swept = await backfill(database, graph.client, graph.tenant_id, begin, begin + 2 * HOUR)
    assert swept.listed == 2
    assert set(await queued(database)) == set(ids[1:3])


async def test_graph_lists_thirty_days_and_no_more(database, graph):
    (young,) = await graph.world.make_calls(days_ago=29)
    await graph.world.make_calls(days_ago=31)
    assert (await sweep(database, graph, timedelta(days=400))).listed == 1
    assert set(await queued(database)) == {young}


async def test_the_deadline_is_thirty_days_after_the_calls_start(database, graph):
    (call_id,) = await graph.world.make_calls(days_ago=20, duration=5 * HOUR)
    await sweep(database, graph)
    start = datetime.fromisoformat(graph.world.document(call_id)["startDateTime"])
    assert abs((await queued(database))[call_id].deadline - (start + WINDOW)) < timedelta(seconds=1)


async def test_a_sweep_that_breaks_off_keeps_what_it_queued_and_the_next_gets_the_rest(database, graph):
    ids = await graph.world.make_calls(count=130)
    graph.world.faults.add({"fault": "status", "status": 403, "match": {"path": "skiptoken"}, "times": 1})
    with pytest.raises(GraphError):
        await sweep(database, graph)
    assert len(await queued(database)) == 60
    await sweep(database, graph)
    assert set(await queued(database)) == set(ids)


async def test_throttling_in_the_middle_is_waited_for_and_nothing_is_asked_twice(database, graph):
    ids = await graph.world.make_calls(count=130)
    fault = {"fault": "status", "status": 429, "retry_after": 1, "match": {"path": "skiptoken"}, "times": 2}
    graph.world.faults.add(fault)
    assert await sweep(database, graph) == Swept(130, 130)
    assert set(await queued(database)) == set(ids)
    assert [asked.status for asked in graph.listings()] == [200, 429, 429, 200, 200]


async def test_a_short_outage_in_the_middle_is_waited_for(database, graph):
    await graph.world.make_calls(count=70)
    graph.world.faults.add({"fault": "cut", "match": {"path": "skiptoken"}, "times": 1})
    assert await sweep(database, graph) == Swept(70, 70)


async def test_what_failed_is_not_revived_by_a_sweep(database, graph):
    failed, expired, due = await graph.world.make_calls(count=3)
    await sweep(database, graph)
    async with database.begin() as db:
        claims = await queue.claim(db, "w", [graph.tenant_id], 3, HOUR)
        for claim in claims:
            if claim.call_id != due:
                state = "failed" if claim.call_id == failed else "expired"
                await queue.give_up(db, "w", claim, state, "for a person to look at")
    await sweep(database, graph)
    states = {call_id: row.state for call_id, row in (await queued(database)).items()}
    assert states == {failed: "failed", expired: "expired", due: "due"}


async def test_what_is_being_fetched_is_not_fetched_twice_for_a_sweep(database, graph):
    await graph.world.make_calls(count=1)
    await sweep(database, graph)
    async with database.begin() as db:
        claims = await queue.claim(db, "w", [graph.tenant_id], 1, HOUR)
    await sweep(database, graph)
    async with database.begin() as db:
        assert await queue.claim(db, "other", [graph.tenant_id], 1, HOUR) == []
        await queue.finish(db, "w", claims)
    assert await queued(database) == {}


async def test_an_unknown_tenant_can_be_swept(database, graph):
    assert await sweep(database, graph) == Swept(0, 0)
