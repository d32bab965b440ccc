"""One measured run of collecting, in a process of its own.

    python -m bench.collecting ours|ours-none|bare|bare-httpx DATABASE_URL PORT COUNT

``ours-none`` collects with DETAIL_ROWS=none.

Prints a JSON list: records per second, milliseconds of processor time for each record, in all processes, and records
per second with the time after which also the detail rows are written that the worker left out.
"""

import asyncio
import json
import os
import sys
import time
from datetime import UTC, datetime
from uuid import UUID

import httpx
import uvloop
from sqlalchemy import select

from app.archive.retention.detail_job import DetailRowsJob
from app.db import Database
from app.fetch.pace import Pace
from app.fetch.worker import Worker
from app.graph.client import GraphClient
from app.graph.transport import http_client
from app.inbox import queue, tenant_state
from app.inbox.model import inbox
from app.inbox.queue import Notice
from app.observability import log
from app.observability.metrics import Metrics
from app.settings.units import ALL_DETAIL, NO_DETAIL, DetailRows, Rate
from bench.bare_loop import IN_FLIGHT, bare
from bench.processes import TENANT
from bench.started import started


class Token(httpx.Auth):
    """A token that never ends: what is measured is collecting, not logging in."""

    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer ready"
        yield request


async def ours(database: Database, port: int, call_ids: list[str], detail_rows: DetailRows) -> float:
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
        pace=pace,
        observe=metrics.observe_graph,
    )
    worker = Worker(
        database,
        {TENANT: client},
        {TENANT: pace},
        concurrency=IN_FLIGHT,
        metrics=metrics,
        detail_rows=detail_rows,
    )
    begun = time.perf_counter()
    running = asyncio.create_task(worker.run())
    while await _left(database):
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - begun
    worker.stop()
    await running
    return len(call_ids) / seconds


async def _left(database: Database) -> bool:
    """Whether a row is left. Counting all of them would be a twentieth of the work that is measured."""
    async with database.reading() as db:
        return (await db.execute(select(inbox.c.call_id).limit(1))).first() is not None


async def main(which: str, url: str, port: int, count: int) -> tuple[float, float, float]:
    call_ids = [str(UUID(int=time.time_ns() + number)) for number in range(count)]
    begun = _processor_time()
    with started():
        if which.startswith("ours"):
            return await _ours(url, port, call_ids, NO_DETAIL if which == "ours-none" else ALL_DETAIL)
        rate = await bare(url, port, call_ids, over_httpx=which == "bare-httpx")
    return rate, 1000 * (_processor_time() - begun) / count, rate


def _processor_time() -> float:
    """Seconds, with those of processes that this one started and that have ended."""
    return sum(os.times()[:4])


async def _ours(url: str, port: int, call_ids: list[str], detail_rows: DetailRows) -> tuple[float, float, float]:
    database, count = Database.open(url), len(call_ids)
    begun = _processor_time()
    rate = await ours(database, port, call_ids, detail_rows)
    taken = 1000 * (_processor_time() - begun) / count
    later = time.perf_counter()
    await DetailRowsJob(database, detail_rows, holder="bench", rest=0).once()
    seconds = count / rate + time.perf_counter() - later
    await database.close()
    return rate, taken, count / seconds


if __name__ == "__main__":
    log.configure("error", "json")
    which, url, port, count = sys.argv[1:]
    print(json.dumps(uvloop.run(main(which, url, int(port), int(count)))))
