"""Expensive reads of known callers: turns, memory and seconds, on every kind of route."""

import asyncio
from datetime import UTC, datetime

import orjson
import pytest

from app.archive.parse.record import RecordBuilder
from app.archive.queries import stored_calls
from app.archive.store import record_store
from app.db import TooSlowError
from app.observability.metrics import Metrics
from app.simulator.records import a_call_record
from app.web.reads import middleware
from app.web.reads.limits import ReadLimits, TurnLimits
from tests.waiting import until
from tests.web.application import KEY, TENANT, calling, opened

pytestmark = pytest.mark.anyio

HTML = {"Accept": "text/html"}
ONE = ReadLimits(
    reads=TurnLimits(at_once=8, per_caller=1, waiting=0),
    exports=TurnLimits(at_once=2, per_caller=1, waiting=0),
    batches=TurnLimits(at_once=2, per_caller=1, waiting=0),
)


class Held:
    """Reading connections that wait until they are let go; they count who waits."""

    def __init__(self, database):
        self._database = database
        self.waiting = 0
        self.let_go = asyncio.Event()

    def reading(self):
        return self._wait(self._database.reading())

    def snapshot(self):
        return self._wait(self._database.snapshot())

    def _wait(self, opened):
        return _Waits(self, opened)


class _Waits:
    def __init__(self, held, opened):
        self._held, self._opened = held, opened

    async def __aenter__(self):
        self._held.waiting += 1
        await self._held.let_go.wait()
        self._held.waiting -= 1
        return await self._opened.__aenter__()

    async def __aexit__(self, *error):
        return await self._opened.__aexit__(*error)


async def stored(database, sessions):
    record = a_call_record(seed=7, type="groupCall", sessions=sessions, participants=sessions)
    builder = RecordBuilder(TENANT, record["id"])
    builder.begin(record, orjson.dumps(record))
    async with database.begin() as db:
        await record_store.save(db, [builder.finish(datetime.now(UTC))])
    return record


def of_batch(*urls):
    return {"requests": [{"id": str(number), "method": "GET", "url": url} for number, url in enumerate(urls)]}


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/api/calls", {}), ("/api/stats", {}), ("/v1.0/communications/callRecords", {}), ("/calls", HTML), ("/", HTML)],
)
async def test_a_second_read_of_a_caller_is_a_429_and_its_exports_and_status_are_not_affected(database, path, headers):
    held, metrics = Held(database), Metrics()
    async with opened(database, metrics, limits=ONE, readers=held) as app, calling(app, key=KEY) as client:
        first = asyncio.create_task(client.get(path, headers=headers))
        await until(lambda: held.waiting == 1)
        refused = await client.get(path, headers=headers)
        status = await client.get("/api/status")
        export = asyncio.create_task(client.get("/calls.csv"))
        await until(lambda: held.waiting == 2)
        held.let_go.set()
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        assert "Send fewer at a time" in refused.text
        assert status.status_code == 200
        assert [(await task).status_code for task in (first, export)] == [200, 200]
        assert (await client.get(path, headers=headers)).status_code == 200
    assert metrics.refused.labels(reason="busy")._value.get() == 1


async def test_a_refusal_has_the_form_of_the_route(database):
    held = Held(database)
    async with opened(database, Metrics(), limits=ONE, readers=held) as app, calling(app, key=KEY) as client:
        first = asyncio.create_task(client.get("/api/calls"))
        await until(lambda: held.waiting == 1)
        api, graph, page = [
            await client.get(path, headers=headers)
            for path, headers in (("/api/calls", {}), ("/v1.0/communications/callRecords", {}), ("/calls", HTML))
        ]
        held.let_go.set()
        await first
    assert (api.headers["content-type"], api.json()["title"]) == ("application/problem+json", "Too many requests")
    assert graph.json()["error"]["code"] == "TooManyRequests"
    assert "Too many requests" in page.text
    assert page.headers["content-type"].startswith("text/html")


async def test_the_requests_of_a_batch_take_turns_as_others_do(database):
    held = Held(database)
    async with opened(database, Metrics(), limits=ONE, readers=held) as app, calling(app, key=KEY) as client:
        other = asyncio.create_task(client.get("/api/calls"))
        await until(lambda: held.waiting == 1)
        batch = await client.post("/v1.0/$batch", json=of_batch("/communications/callRecords"))
        held.let_go.set()
        await other
    (answer,) = batch.json()["responses"]
    assert (batch.status_code, answer["status"]) == (200, 429)
    assert answer["headers"]["Retry-After"] == "5"


async def test_a_second_batch_of_a_caller_is_refused_and_one_that_answers_too_much_says_so(database, monkeypatch):
    record = await stored(database, 5)
    one = f"/communications/callRecords/{record['id']}?$expand=sessions"
    held = Held(database)
    async with opened(database, Metrics(), limits=ONE, readers=held) as app, calling(app, key=KEY) as client:
        first = asyncio.create_task(client.post("/v1.0/$batch", json=of_batch(one)))
        await until(lambda: held.waiting == 1)
        assert (await client.post("/v1.0/$batch", json=of_batch(one))).status_code == 429
        held.let_go.set()
        (alone,) = (await first).json()["responses"]
        assert alone["status"] == 200
        size = len(orjson.dumps(alone["body"]))
        monkeypatch.setattr("app.web.graph_api.batch.BATCH_BYTES", size * 3 // 2)
        many = (await client.post("/v1.0/$batch", json=of_batch(one, one) | {})).json()["responses"]
    assert sorted(answer["status"] for answer in many) in ([200, 413], [200, 429])


async def test_a_statement_above_its_limit_is_a_504_that_says_what_to_do(database):
    class Slow:
        def reading(self):
            raise TooSlowError(15)

    async with opened(database, Metrics(), readers=Slow()) as app, calling(app, key=KEY) as client:
        api = await client.get("/api/calls")
        graph = await client.get("/v1.0/communications/callRecords")
        page = await client.get("/calls", headers=HTML)
    assert (api.status_code, graph.status_code, page.status_code) == (504, 504, 504)
    for answer in (api, graph, page):
        assert "longer than 15 s" in answer.text
        assert "shorter period" in answer.text
    assert graph.json()["error"]["code"] == "GatewayTimeout"


async def test_documents_of_a_large_meeting_share_one_budget_and_wait_for_it(database, monkeypatch):
    """1 MB of budget: each document of 300 sessions is read alone, and no request takes more."""
    record = await stored(database, 300)
    guards = []
    make = middleware.ReadGuard.__init__

    def remembered(self, *args, **named):
        make(self, *args, **named)
        guards.append(self)

    monkeypatch.setattr(middleware.ReadGuard, "__init__", remembered)
    limits = ReadLimits(memory_bytes=1_000_000, memory_seconds=60)
    most = 0

    async def watched(client, path, headers=None):
        nonlocal most
        answer = await client.get(path, headers=headers)
        most = max(most, guards[0].memory.in_use)
        return answer

    async with opened(database, Metrics(), limits=limits) as app, calling(app, key=KEY) as client:
        graph = f"/v1.0/communications/callRecords/{record['id']}?$expand=sessions($expand=segments)"
        paths = (f"/api/calls/{record['id']}", f"/api/calls/{record['id']}/record", graph)
        answers = await asyncio.gather(*(watched(client, path) for path in paths))
        page = await watched(client, f"/calls/{record['id']}", HTML)
        async with database.reading() as db:
            complete = orjson.loads(orjson.dumps(await stored_calls.call(db, record["id"])))
    call, document, first_page = answers
    assert [answer.status_code for answer in (*answers, page)] == [200] * 4
    assert call.json() == complete
    assert document.json() == record
    assert first_page.json()["sessions"] == record["sessions"][:60] or len(first_page.json()["sessions"]) == 60
    assert 0 <= most <= 1_000_000
    assert guards[0].memory.in_use == 0


async def test_a_document_for_which_no_memory_is_free_in_time_is_a_503_with_retry_after(database, monkeypatch):
    record = await stored(database, 120)
    limits = ReadLimits(memory_bytes=1_000_000, memory_seconds=0.01)
    monkeypatch.setattr("app.memory.ByteBudget._fits", lambda *_: False)
    async with opened(database, Metrics(), limits=limits) as app, calling(app, key=KEY) as client:
        for path in (f"/api/calls/{record['id']}", f"/v1.0/communications/callRecords/{record['id']}"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_client_that_takes_no_more_of_its_answer_is_given_up(database):
    await stored(database, 5)
    limits = ReadLimits(stalled_seconds=0.01, reads=TurnLimits(at_once=1, per_caller=1))
    async with opened(database, Metrics(), limits=limits) as app:
        never = asyncio.Event()
        sent = []

        async def send(message):
            sent.append(message["type"])
            if message["type"] == "http.response.body":
                await never.wait()

        async def receive():
            await never.wait()

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/calls",
            "raw_path": b"/api/calls",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"authorization", f"Bearer {KEY}".encode())],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "http_version": "1.1",
        }
        async with asyncio.timeout(30):
            await app(scope, receive, send)
        assert sent == ["http.response.start", "http.response.body"]
        async with calling(app, key=KEY) as client:
            assert (await client.get("/api/calls")).status_code == 200  # its turn was given back
