"""What a worker's memory does while it collects records with a property of many megabytes; prints MB as JSON.

    python -m bench.large_record FORM MEGABYTES COUNT DATABASE_URL

It is a process of its own, because Linux keeps the peak of a process. The simulated Graph is another process: it sends
the same record for each id. FORM is one of FORMS.
"""

import asyncio
import gc
import json
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import orjson
import psutil
from sqlalchemy import func, select

from app.archive.schema.tables import documents
from app.db import Database, schema_version
from app.fetch.pace import Pace
from app.fetch.worker import Worker
from app.graph.client import GraphClient
from app.graph.transport import http_client
from app.graph.transport.large_records import LargeRecords
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from app.observability import log
from app.observability.metrics import Metrics
from app.settings.units import Rate
from bench.processes import ROOT, TENANT, free_port, wait_for_port

FORMS = {
    "ascii": "an unknown property",
    "emoji": "the same with one character beyond 16 bits",
    "number": "the same beside a number that no double holds",
    "participant": "the name of a participant",
}
CONCURRENCY = 16


def measured(form: str, megabytes: int, count: int, database_url: str) -> dict[str, float]:
    """``idle``, ``peak`` and ``after`` in MB of a worker that stores ``count`` such records; ``stored`` is a number."""
    command = [sys.executable, "-m", "bench.large_record", form, str(megabytes), str(count), database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=180)
    return json.loads(done.stdout)


class Token(httpx.Auth):
    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer ready"
        yield request


async def work(url: str, port: int, count: int) -> dict[str, float]:
    database = Database.open(url)
    await schema_version.migrate(database)
    call_ids = [str(UUID(int=number + 1)) for number in range(count)]
    pace = Pace(Rate(10_000_000, 1))
    http = http_client.client(ca_file=None)
    large = LargeRecords()
    client = GraphClient(
        http=http,
        auth=Token(),
        root=f"http://127.0.0.1:{port}",
        version="v1.0",
        tenant_id=TENANT,
        pace=pace,
        large=large,
    )
    worker = Worker(database, {TENANT: client}, {TENANT: pace}, concurrency=CONCURRENCY, metrics=Metrics(), large=large)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
    gc.collect()
    gc.freeze()
    idle = _rss()
    Path("/proc/self/clear_refs").write_text("5")
    async with database.begin() as db:
        await queue.put(db, [Notice(TENANT, call_id) for call_id in call_ids], datetime.now(UTC))
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(150):
        while await _stored(database) < count:
            await asyncio.sleep(0.05)
    worker.stop()
    await running
    figures = {"idle": idle, "peak": _peak(), "after": _rss(), "stored": await _stored(database)}
    await http.aclose()
    await database.close()
    return figures


async def _stored(database: Database) -> int:
    async with database.reading() as db:
        return await db.scalar(select(func.count()).select_from(documents)) or 0


def _rss() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


class Graph(asyncio.Protocol):
    """Answers each GET for a record with its id and the same rest."""

    def __init__(self, rest: bytes) -> None:
        self._rest = rest

    def connection_made(self, transport) -> None:
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        path = self._received.split(b" ", 2)[1]
        self._received = b""
        begin = b'{"id":"' + path.partition(b"?")[0].rpartition(b"/")[2] + b'",'
        length = len(begin) + len(self._rest)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length
        self._transport.write(head + begin)
        self._transport.write(self._rest)


def rest(form: str, size: int) -> bytes:
    """The record without the beginning that has its id."""
    person = {
        "id": "7e57ab1e-1111-4000-8000-000000000001",
        "identity": {"user": {"id": "7e57ab1e", "displayName": "A"}},
    }
    record = {
        "version": 1,
        "type": "groupCall",
        "modalities": ["audio"],
        "startDateTime": "2026-11-01T10:00:00Z",
        "endDateTime": "2026-11-01T11:00:00Z",
        "lastModifiedDateTime": "2026-11-01T11:30:00Z",
        "participants_v2": [person],
        "sessions": [],
    }
    text = "x" * size
    match form:
        case "ascii":
            record["unknown"] = text
        case "emoji":
            record["unknown"] = "\N{GRINNING FACE}" + text
        case "number":
            record["unknown"] = text
        case "participant":
            person["identity"]["user"]["displayName"] = text
    written = orjson.dumps(record)
    if form == "number":
        written = written.replace(b'"version":1', b'"version":1,"exact":123456789012345678901234567890')
    return written[1:]


async def serve(port: int, form: str, size: int) -> None:
    body = rest(form, size)
    server = await asyncio.get_running_loop().create_server(lambda: Graph(body), "127.0.0.1", port)
    await server.serve_forever()


@contextmanager
def graph(form: str, size: int):
    port = free_port()
    command = [sys.executable, "-m", "bench.large_record", "serve", str(port), form, str(size)]
    started = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for_port(port, started)
        yield port
    finally:
        started.kill()
        started.wait()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
    else:
        log.configure("error", "json")
        form, megabytes, count, url = sys.argv[1:]
        with graph(form, int(megabytes) * 1_000_000) as port:
            print(json.dumps(asyncio.run(work(url, port, int(count)))))
