"""One measured run of collecting, in a process of its own; prints its records per second.

python -m bench.collecting ours|bare DATABASE_URL PORT COUNT
"""

import asyncio
import sys
import time
from datetime import UTC, datetime
from uuid import UUID

import httpx
import orjson
import uvloop
from sqlalchemy import func, select

from app.archive.schema.tables import documents
from app.db import Database
from app.fetch.pace import Pace
from app.fetch.worker import Worker
from app.graph.client import GraphClient
from app.graph.transport.http_client import http_client
from app.inbox import queue, tenant_state
from app.inbox.model import inbox
from app.inbox.queue import Notice
from app.observability import log
from app.observability.metrics import Metrics
from app.settings.units import Rate
from bench.processes import TENANT
from bench.started import started

IN_FLIGHT = 16


class Token(httpx.Auth):
    """A token that never ends: what is measured is collecting, not logging in."""

    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer ready"
        yield request


async def ours(database: Database, port: int, call_ids: list[str]) -> float:
    """From due rows to stored records: claim, fetch, flatten, pack, save, finish."""
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await queue.put(db, [Notice(TENANT, call_id) for call_id in call_ids], datetime.now(UTC))
    pace = Pace(Rate(10_000_000, 1))
    metrics = Metrics()
    client = GraphClient(
        http=http_client.client(ca_file=None),
        auth=Token(),
        root=f"http://127.0.0.1:{port}",
        version="v1.0",
        tenant_id=TENANT,
        gate=pace,
        observe=metrics.observe_graph,
    )
    worker = Worker(database, {TENANT: client}, {TENANT: pace}, concurrency=IN_FLIGHT, metrics=metrics)
    begun = time.perf_counter()
    running = asyncio.create_task(worker.run())
    while await _left(database):
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - begun
    worker.stop()
    await running
    return len(call_ids) / seconds


async def bare(database: Database, port: int, call_ids: list[str]) -> float:
    """The same transport, orjson, and one insert of the raw document for each record."""
    http = http_client.client(ca_file=None)
    waiting = iter(enumerate(call_ids))

    async def fetch_all() -> None:
        for number, call_id in waiting:
            url = (
                f"http://127.0.0.1:{port}/v1.0/communications/callRecords/{call_id}?$expand=sessions($expand=segments)"
            )
            response = await http.get(url, headers={"Authorization": "Bearer ready"})
            record = orjson.loads(response.content)
            row = {"call_key": number, "version": record["version"], "raw_bytes": len(response.content)}
            row |= {"document": response.content, "stored_at": datetime.now(UTC)}
            async with database.begin() as db:
                await db.execute(documents.insert(), row)

    begun = time.perf_counter()
    await asyncio.gather(*(fetch_all() for _ in range(IN_FLIGHT)))
    return len(call_ids) / (time.perf_counter() - begun)


async def _left(database: Database) -> int:
    async with database.reading() as db:
        return await db.scalar(select(func.count()).select_from(inbox))


async def main(which: str, url: str, port: int, count: int) -> None:
    database = Database.open(url)
    call_ids = [str(UUID(int=time.time_ns() + number)) for number in range(count)]
    with started():
        print(await {"ours": ours, "bare": bare}[which](database, port, call_ids))
    await database.close()


if __name__ == "__main__":
    log.configure("error", "json")
    which, url, port, count = sys.argv[1:]
    uvloop.run(main(which, url, int(port), int(count)))
