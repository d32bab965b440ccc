"""The second process of a worker that is behind: it reads what the worker would read, and may die at any time."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from app.archive.parse import process
from app.archive.parse.process import Task
from app.fetch import reading_process
from app.fetch.collect import collect
from app.fetch.reading_process import MOST_BYTES, ReadingProcess
from app.graph.client import Part
from app.simulator.records import a_call_record
from tests.fetch.test_worker import TENANT, a_worker, held, notice, running
from tests.waiting import until

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


def raw_record(seed, **recipe):
    recipe = {"type": "groupCall", "participants": 8, "sessions": 8} | recipe
    return orjson.dumps(a_call_record(seed=seed, **recipe))


def read_here(raw):
    return process.read(Task(TENANT, orjson.loads(raw)["id"], raw, NOW))


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
    return comparable(await reading.read(TENANT, orjson.loads(raw)["id"], raw, NOW))


def comparable(record):
    """The order of the counted values is that of a set, which differs from process to process."""
    return record and replace(record, counts=orjson.loads(record.counts))


@pytest.mark.slow
async def test_records_are_read_as_the_worker_reads_them_whatever_their_order(reading):
    raws = [raw_record(seed) for seed in range(6)]
    found = await asyncio.gather(*(read(reading, raw) for raw in raws))
    assert found == [comparable(read_here(raw)) for raw in raws]


@pytest.mark.slow
async def test_what_the_process_cannot_read_is_left_to_the_worker_and_the_next_record_is_read(reading):
    raw = raw_record(1)
    broken = b"[" * len(raw)
    found = await asyncio.gather(reading.read(TENANT, "broken", broken, NOW), read(reading, raw))
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
    assert await reading.read(TENANT, "large", b"{" * (MOST_BYTES + 1), NOW) is None
    monkeypatch.setattr(reading_process, "_processors", lambda: 1)
    assert await read(reading, raw_record(1)) is None
    assert reading.pid is None


@pytest.mark.slow
def test_the_process_has_no_secret_and_ends_with_its_worker_but_not_with_a_signal(monkeypatch):
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "s3cret")
    environment = reading_process._environment()
    assert "s3cret" not in environment.values()
    command = [sys.executable, "-m", "app.archive.parse.process", process.form()]
    raw = raw_record(1)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as started:
        frame = process.frame([Task(TENANT, "1", raw, NOW)])
        started.stdin.write(frame)
        started.stdin.flush()
        assert process.size(started.stdout.read(process.HEAD)) > 0
        started.send_signal(signal.SIGTERM)
        started.send_signal(signal.SIGINT)
        assert len(started.communicate(frame)[0]) > process.HEAD
    assert started.returncode == 0


@pytest.mark.slow
async def test_a_process_of_another_version_of_the_program_reads_nothing(reading, monkeypatch):
    monkeypatch.setattr(reading_process, "form", lambda: "another")
    assert await read(reading, raw_record(1)) is None


class Elsewhere:
    def __init__(self, answer=None):
        self.asked = []
        self.answer = answer

    async def read(self, _, call_id, raw, now):
        self.asked.append((call_id, raw, now))
        return self.answer


class AGraph:
    def __init__(self, *parts):
        self.parts = parts

    async def call_record(self, _):
        for part in self.parts:
            yield part


async def test_a_record_in_one_answer_is_read_elsewhere_or_here_where_that_fails():
    raw = raw_record(1)
    document = orjson.loads(raw)
    graph = AGraph(Part("record", document, raw))
    expected = read_here(raw)
    assert await collect(graph, TENANT, document["id"], Elsewhere(expected)) is expected
    failing = Elsewhere()
    record = await collect(graph, TENANT, document["id"], failing)
    assert record.children == expected.children
    assert [asked[:2] for asked in failing.asked] == [(document["id"], raw)]


async def test_a_record_in_several_parts_is_read_here():
    raw = raw_record(1)
    document = orjson.loads(raw)
    graph = AGraph(Part("record", document, raw), Part("incomplete", {"reason": "a page is missing"}))
    elsewhere = Elsewhere(read_here(raw))
    record = await collect(graph, TENANT, document["id"], elsewhere)
    assert (record.complete, elsewhere.asked) == (False, [])
    assert record.children["sessions"]


async def test_only_a_worker_that_is_behind_has_records_read_elsewhere(database, monkeypatch):
    asked = []

    async def read(_, __, call_id, *___):
        asked.append(call_id)

    monkeypatch.setattr(ReadingProcess, "read", read)
    documents = {(document := a_call_record(seed=seed))["id"]: document for seed in range(40)}

    class Several:
        async def call_record(self, call_id):
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
