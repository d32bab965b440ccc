"""How fast old calls are deleted, and how long a writer waits meanwhile, run by hand.

python -m bench.purging DATABASE_URL [CALLS]

Takes a database that `bench.generate` filled, and deletes at most so many calls, the oldest first.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from app.archive.retention import expired_calls
from app.db import Database
from app.inbox import queue
from app.inbox.queue import Notice
from bench.processes import TENANT
from bench.report import Row

PER_SECOND, WAIT_MS = 1_000, 200
EVERY = 0.05  # seconds between two notifications that are put into the inbox meanwhile


async def measured(url: str, most: int) -> list[Row]:
    database, other = Database.open(url), Database.open(url)
    waited: list[float] = []
    writing = asyncio.create_task(_write(other, waited))
    backend = await _backend(database)
    deleted, begun, ours, server = 0, time.perf_counter(), time.process_time(), _seconds(backend)
    sizes = []
    async for some in expired_calls.purge(database, datetime.now(UTC) - timedelta(days=1)):
        deleted += some.get("call_records", 0)
        sizes.append(some.get("call_records", 0))
        if deleted >= most:
            break
    seconds = time.perf_counter() - begun
    writing.cancel()
    spent = 1000 * (time.process_time() - ours) / deleted, 1000 * (_seconds(backend) - server) / deleted
    await database.close()
    await other.close()
    of_both = f"{spent[0]:.2f} ms here, {spent[1]:.2f} ms of the server; {sum(sizes) / len(sizes):.0f} in a transaction"
    load = f"load {os.getloadavg()[0]:.0f}"
    return [
        Row("purge: calls/s", deleted / seconds, ">=", PER_SECOND, load),
        Row("purge: processor time of a call, in ms", sum(spent), None, None, of_both),
        Row("purge: longest wait of another writer, in ms", 1000 * max(waited), "<=", WAIT_MS, f"of {len(waited)}"),
    ]


async def _write(database: Database, waited: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        async with database.begin() as db:
            now = datetime.now(UTC)
            await queue.put(db, [Notice(TENANT, str(uuid4()), now + timedelta(days=30))], now)
        waited.append(time.perf_counter() - begun)
        await asyncio.sleep(EVERY)


async def _backend(database: Database) -> int | None:
    """The process of the one connection that writes, where the server is on this machine."""
    if database.dialect == "sqlite":
        return None
    async with database.driver() as driver:
        return int(await driver.fetchval("SELECT pg_backend_pid()"))


def _seconds(pid: int | None) -> float:
    """Processor time of a process so far."""
    if pid is None:
        return 0.0
    with Path(f"/proc/{pid}/stat").open() as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    for row in asyncio.run(measured(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 40)):
        print(row)
