"""The second process of a worker that is behind: it reads what the worker would read, and may die at any time."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import orjson
import pytest

from app.archive.sites.current_sites import CurrentSites
from app.archive.sites.matching import Row
from app.archive.sites.site_map import Dated, File, Period, SiteMap
from app.fetch import reader, reading_process
from app.fetch.collect import collect
from app.fetch.reader import Asked, Task
from app.fetch.reading_process import MOST_BYTES, ReadingProcess
from app.graph.client import Part
from app.simulator.records import a_call_record
from tests.fetch.test_worker import TENANT, a_worker, held, notice, running
from tests.waiting import until

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
A_BUILDING = [
    Dated(Period(), Row(1, ip_network(network), network, "Everywhere", inside=True, vpn=False))
    for network in ("0.0.0.0/0", "::/0")
]


def raw_record(seed, **recipe):
    recipe = {"type": "groupCall", "participants": 8, "sessions": 8} | recipe
    return orjson.dumps(a_call_record(seed=seed, **recipe))


def read_here(raw):
    return reader.read(Task(TENANT, orjson.loads(raw)["id"], raw, NOW))


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch):
    monkeypatch.setattr(reading_process, "_processors", lambda: 2)


@pytest.fixture
async def reading():
    reading = ReadingProcess(again=0.0)
    yield reading
    await reading.close()
    assert reading.pid is None


async def read(reading, raw):
    return comparable(await reading.read(TENANT, orjson.loads(raw)["id"], raw))


def comparable(record):
    """The order of the counted values is that of a set, which differs from process to process; so does the time."""
    times = dict.fromkeys(("stored_at", "first_stored_at"), NOW)
    return record and replace(
        record, counts=orjson.loads(record.counts), stored_at=NOW, row=record.row | times, document=b""
    )


@pytest.mark.slow
async def test_records_are_read_as_the_worker_reads_them_whatever_their_order(reading):
    raws = [raw_record(seed) for seed in range(6)]
    found = await asyncio.gather(*(read(reading, raw) for raw in raws))
    assert found == [comparable(read_here(raw)) for raw in raws]


@pytest.mark.slow
async def test_what_the_process_cannot_read_is_left_to_the_worker_and_the_next_record_is_read(reading):
    raw = raw_record(1)
    broken = b"[" * len(raw)
    found = await asyncio.gather(reading.read(TENANT, "broken", broken), read(reading, raw))
    assert found == [None, comparable(read_here(raw))]


@pytest.mark.slow
async def test_a_killed_process_leaves_its_records_to_the_worker_and_is_started_again(reading):
    raw = raw_record(1)
    assert await read(reading, raw)
    killed = reading.pid
    os.kill(killed, signal.SIGSTOP)
    under_way = [asyncio.create_task(read(reading, raw)) for _ in range(3)]
    await asyncio.sleep(0)
    os.kill(killed, signal.SIGKILL)
    assert await asyncio.gather(*under_way) == [None] * 3
    await until(lambda: reading.pid is None)
    assert await read(reading, raw) == comparable(read_here(raw))
    assert reading.pid != killed


@pytest.mark.slow
async def test_an_idle_process_ends():
    reading = ReadingProcess(idle=0.05)
    assert await read(reading, raw_record(1))
    await until(lambda: reading.pid is None)
    await reading.close()


async def test_very_large_records_and_all_on_one_processor_are_left_to_the_worker(reading, monkeypatch):
    assert await reading.read(TENANT, "large", b"{" * (MOST_BYTES + 1)) is None
    monkeypatch.setattr(reading_process, "_processors", lambda: 1)
    assert await read(reading, raw_record(1)) is None
    assert reading.pid is None


@pytest.mark.slow
def test_the_process_has_no_secret_and_ends_with_its_worker_but_not_with_a_signal(monkeypatch):
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "s3cret")
    environment = reading_process._environment()
    assert "s3cret" not in environment.values()
    command = [sys.executable, "-m", "app.fetch.reader", reader.form()]
    raw = raw_record(1)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as started:
        frame = reader.frame(Asked([Task(TENANT, "1", raw, NOW)], None))
        started.stdin.write(frame)
        started.stdin.flush()
        assert reader.size(started.stdout.read(reader.HEAD)) > 0
        started.send_signal(signal.SIGTERM)
        started.send_signal(signal.SIGINT)
        assert len(started.communicate(frame)[0]) > reader.HEAD
    assert started.returncode == 0


@pytest.mark.slow
async def test_a_process_of_another_version_of_the_program_reads_nothing(reading, monkeypatch):
    monkeypatch.setattr(reading_process, "form", lambda: "another")
    assert await read(reading, raw_record(1)) is None


class Elsewhere:
    def __init__(self, answer=None):
        self.asked = []
        self.answer = answer

    async def read(self, _, call_id, raw):
        self.asked.append((call_id, raw))
        return self.answer


class AGraph:
    """Gives a record as its parts, and its bytes to a reader before that."""

    def __init__(self, raw, *more):
        self.raw = raw
        self.more = more

    async def call_record(self, _, read=None):
        found = await read(self.raw) if read else None
        if found is not None:
            yield Part("read", found)
            return
        yield Part("record", orjson.loads(self.raw), self.raw)
        for part in self.more:
            yield part


async def test_a_record_in_one_answer_is_read_elsewhere_or_here_where_that_fails():
    raw = raw_record(1)
    call_id = orjson.loads(raw)["id"]
    expected = read_here(raw)
    assert await collect(AGraph(raw), TENANT, call_id, Elsewhere(expected)) is expected
    failing = Elsewhere()
    record = await collect(AGraph(raw, Part("incomplete", {"reason": "a page is missing"})), TENANT, call_id, failing)
    assert (record.complete, record.children["sessions"]) == (False, expected.children["sessions"])
    assert failing.asked == [(call_id, raw)]


def test_what_is_read_elsewhere_is_the_record_that_was_asked_for_and_complete(subtests):
    document = orjson.loads(raw_record(1))
    first, *others = document["sessions"]
    cases = {
        "another record": document | {"id": "11111111-0000-4000-8000-000000000001"},
        "no sessions": {name: value for name, value in document.items() if name != "sessions"},
        "no participants": document | {"participants_v2": None},
        "more sessions": document | {"sessions@odata.nextLink": "https://graph.microsoft.com/v1.0/more"},
        "more participants": document | {"participants_v2@odata.NextLink": "https://graph.microsoft.com/v1.0/more"},
        "more segments": document | {"sessions": [*others, first | {"segments@odata.nextLink": "https://more"}]},
        "no object": [document],
    }
    task = Task(TENANT, document["id"], orjson.dumps(document), NOW)
    assert reader.read(task).children["sessions"]
    for name, changed in cases.items():
        with subtests.test(name):
            assert reader.read(task._replace(raw=orjson.dumps(changed))) is None


@pytest.mark.slow
async def test_records_are_matched_with_the_sites_of_now_also_after_a_change():
    sites = CurrentSites()
    reading = ReadingProcess(sites)
    raw = raw_record(1)
    for revision in (0, 7, 8):
        sites.known = SiteMap(revision, [File(Period(), A_BUILDING)] if revision else [])
        found = await read(reading, raw)
        here = reader.read(Task(TENANT, orjson.loads(raw)["id"], raw, NOW), sites.known)
        assert found == comparable(here)
        assert found.row["sites_revision"] == revision
        assert bool(found.children["endpoint_sites"]) == bool(revision)
    await reading.close()


async def test_only_a_worker_that_is_behind_has_records_read_elsewhere(database, monkeypatch):
    asked = []

    async def read(_, __, call_id, ___):
        asked.append(call_id)

    monkeypatch.setattr(ReadingProcess, "read", read)
    documents = {(document := a_call_record(seed=seed))["id"]: document for seed in range(40)}

    class Several:
        async def call_record(self, call_id, read=None):
            if read:
                await read(orjson.dumps(documents[call_id]))
            yield Part("record", documents[call_id], orjson.dumps(documents[call_id]))

    few, many = list(documents)[:3], list(documents)[3:]
    async with running(worker := a_worker(database, Several())):
        for some in (few, many):
            await notice(database, *some)
            worker.wake()
            await until(lambda some=some: _all_stored(database, some))
            if some is few:
                assert asked == []
    assert set(asked) <= set(many)
    assert len(asked) >= 10


async def _all_stored(database, call_ids):
    return await held(database, *call_ids) == set(call_ids)
