"""/live: each new call is an event with its row, after the last one that the browser received, until the service stops."""

import asyncio

import pytest
from starlette.requests import Request

from app.access import audit, keys
from app.access.caller import Caller
from app.archive.store import record_store
from app.web.auth.callers import Keys
from app.web.auth.wrong_keys import WrongKeys
from app.web.context import Context
from app.web.pages.calls import arrivals, live
from tests.archive.records import a_call_record, guid, kept, save
from tests.waiting import PATIENCE, until
from tests.web.application import KEY, OTHER, TENANT
from tests.web.auth.guarded import NOW, a_key

pytestmark = pytest.mark.anyio
EVERYBODY = Caller("API_KEY", "admin", None)


@pytest.fixture
def here(database, metrics):
    return Context(database, (TENANT, OTHER), Keys(KEY, None), metrics, None, WrongKeys(metrics))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(live, "EVERY", 0.01)
    monkeypatch.setattr(live, "CHECK_EVERY", 0.01)

    async def rows(_, template, each):
        return [f"<tr data-call={values['call']['id']}>\n</tr>" for values in each]

    monkeypatch.setattr(live, "fragments", rows)


def events(here, after=None, caller=EVERYBODY, key=KEY):
    headers = [(b"authorization", f"Bearer {key}".encode())]
    request = Request({"type": "http", "method": "GET", "path": "/live", "headers": headers})
    return live._events(request, here, caller, after, sent_nowhere)


async def sent_nowhere(_):
    pass


async def next_event(stream):
    async with asyncio.timeout(PATIENCE):
        return await anext(stream)


async def a_new_call(database, tenant=TENANT):
    record = a_call_record(id=guid())
    await save(database, kept(record, tenant=tenant))
    return record["id"]


def number_of(event):
    return int(event.split("\n")[0].removeprefix("id: "))


async def test_a_call_that_is_saved_is_an_event_with_its_row(here, database):
    await a_new_call(database)
    stream = events(here, 1)
    assert await next_event(stream) == "retry: 2000\n\n"
    waiting = asyncio.create_task(next_event(stream))
    call_id = await a_new_call(database)
    event = await waiting
    assert event.split("\n")[1:] == ["event: call", f"data: <tr data-call={call_id}>", "data: </tr>", "", ""]


async def test_a_reconnecting_browser_continues_after_the_last_call_it_received(here, database):
    ids = [await a_new_call(database) for _ in range(3)]
    stream = events(here, 0)
    await next_event(stream)
    seen = number_of(await next_event(stream))
    again = events(here, seen)
    await next_event(again)
    assert [ids[1] in await next_event(again), ids[2] in await next_event(again)] == [True, True]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_call_that_is_committed_after_a_later_one_is_an_event_too(here, database):
    slow, quick = (a_call_record(id=guid()) for _ in range(2))
    stream = events(here, 0)
    await next_event(stream)
    waiting = asyncio.create_task(next_event(stream))
    async with database.begin() as db:
        await record_store.save(db, [kept(slow, tenant=TENANT)])
        await save(database, kept(quick, tenant=TENANT))
        first = await waiting
    second = await next_event(stream)
    assert [quick["id"] in first, slow["id"] in second] == [True, True]
    assert number_of(second) >= number_of(first)  # a reconnecting browser skips nothing
    third = await a_new_call(database)
    assert third in await next_event(stream)


async def test_a_second_version_is_no_new_call(here, database):
    record = a_call_record(id=guid())
    await save(database, record)
    stream = events(here, 0)
    await next_event(stream)
    assert record["id"] in await next_event(stream)
    await save(database, record | {"version": 2})
    new = await a_new_call(database)
    assert new in await next_event(stream)


async def test_calls_of_another_tenant_are_no_events(here, database):
    await a_new_call(database, OTHER)
    stream = events(here, 0, Caller("reports", "read", (TENANT,)), await a_key(database, "reports", "read", TENANT))
    await next_event(stream)
    ours = await a_new_call(database)
    assert ours in await next_event(stream)


async def test_the_stream_ends_when_the_service_stops(here, database):
    stream = events(here, 0)
    await next_event(stream)
    here.stopping.set()
    with pytest.raises(StopAsyncIteration):
        await next_event(stream)


async def test_a_silent_stream_sends_comments(here, monkeypatch):
    monkeypatch.setattr(live, "KEEPALIVE", 0.0)
    stream = events(here, 0)
    await next_event(stream)
    assert await next_event(stream) == "event: alive\ndata: 1\n\n"


async def test_the_stream_ends_after_its_lifetime_so_that_the_session_is_checked(here, monkeypatch):
    monkeypatch.setattr(live, "LIFETIME", 0.05)
    stream = events(here, 0)
    await next_event(stream)
    with pytest.raises(StopAsyncIteration):
        await next_event(stream)


@pytest.mark.parametrize(
    "change", [keys.api_keys.update().values(revoked_at=NOW), keys.api_keys.update().values(tenants='["another"]')]
)
async def test_a_stream_ends_when_its_key_is_revoked_or_changed_although_no_call_arrives(here, database, change):
    stream = events(here, 0, Caller("reports", "read"), await a_key(database, "reports"))
    await next_event(stream)
    waiting = asyncio.create_task(next_event(stream))
    async with database.begin() as db:
        await db.execute(change)
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_a_stream_begins_at_most_a_hundred_calls_back(here, database, monkeypatch):
    monkeypatch.setattr(arrivals, "BACK", 2)
    ids = [await a_new_call(database) for _ in range(4)]
    stream = events(here, 0)
    await next_event(stream)
    assert [ids[2] in await next_event(stream), ids[3] in await next_event(stream)] == [True, True]


async def answered(database):
    """Of each entry, newest first, the route and how many records left."""
    async with database.reading() as db:
        return [(entry["route"], entry["answered"]) for entry in await audit.read(db)]


@pytest.fixture
async def streams(app):
    """Opens /live as a program does; what was sent by each."""
    tasks = []

    def opened(key=KEY):
        sent = []

        async def send(message):
            sent.append(message)

        headers = [(b"authorization", f"Bearer {key}".encode())]
        scope = {"type": "http", "method": "GET", "scheme": "https", "path": "/live", "http_version": "1.1"}
        scope |= {"headers": headers, "query_string": b"after=0"}
        tasks.append(asyncio.create_task(app(scope, asyncio.Event().wait, send)))
        return sent, tasks[-1]

    yield opened
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_audit_says_how_many_calls_a_stream_has_sent_so_far(streams, database):
    sent, _ = streams()
    await until(lambda: sent)
    assert await answered(database) == [("/live", 0)]
    for number in (1, 2):
        call_id = await a_new_call(database)
        await until(lambda: any(call_id in str(message.get("body")) for message in sent))  # noqa: B023
        assert await answered(database) == [("/live", number)]


async def test_a_caller_has_four_streams_at_most_and_another_caller_is_not_affected(streams, database, app):
    opened = [streams() for _ in range(4)]
    await until(lambda: all(sent for sent, _ in opened))
    sent, task = streams()
    await task
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"retry-after"]) == (429, b"30")
    other, _ = streams(await a_key(database, "reports"))
    await until(lambda: other)
    assert other[0]["status"] == 200
    opened[0][1].cancel()
    await until(opened[0][1].done)
    again, _ = streams()
    await until(lambda: again)
    assert again[0]["status"] == 200


async def test_calls_that_cannot_be_recorded_are_not_sent(streams, database, monkeypatch):
    async def fails(*_):
        raise TimeoutError

    sent, task = streams()
    await until(lambda: sent)
    monkeypatch.setattr("app.access.audit.Audit.set_answered", fails)
    call_id = await a_new_call(database)
    await asyncio.wait_for(task, PATIENCE)
    assert call_id not in str(sent)
