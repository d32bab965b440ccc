"""The baseline of collecting: what a good engineer writes in thirty lines to get records into a database, and no more.

aiohttp (the transport that Callkeeper's client stands on, without httpx before it), 16 requests at a time, orjson for
the version, and the driver itself: the document is inserted as the bytes that came, 32 in a commit, while the next are
fetched. No inbox, no rows, no people, no compression, no retry, and a record is lost if the process dies.

    python -m bench.collecting bare DATABASE_URL PORT COUNT
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import asyncpg
import orjson
from sqlalchemy import make_url

from app.graph.transport import http_client

IN_FLIGHT = 16
COMMIT = 32  # records
TOKEN = {"Authorization": "Bearer ready"}

Row = tuple[int, int, bytes, int, datetime | str]
Insert = Callable[[list[Row]], Awaitable[None]]


async def bare(url: str, port: int, call_ids: list[str], *, over_httpx: bool = False) -> float:
    """Records per second."""
    base = f"http://127.0.0.1:{port}/v1.0/communications/callRecords"
    waiting, rows = iter(enumerate(call_ids)), []
    async with _inserting(url) as insert, (_httpx if over_httpx else _aiohttp)() as get:

        async def fetch_all(waiting: Iterator[tuple[int, str]]) -> None:
            for number, call_id in waiting:
                body = await get(f"{base}/{call_id}?$expand=sessions($expand=segments),participants_v2")
                rows.append((number, orjson.loads(body)["version"], body, len(body), _now(url)))
                if len(rows) >= COMMIT:
                    batch, rows[:] = rows[:COMMIT], rows[COMMIT:]
                    await insert(batch)

        begun = time.perf_counter()
        await asyncio.gather(*(fetch_all(waiting) for _ in range(IN_FLIGHT)))
        await insert(rows)
        return len(call_ids) / (time.perf_counter() - begun)


@asynccontextmanager
async def _aiohttp():
    async with aiohttp.ClientSession(headers=TOKEN) as http:

        async def get(url: str) -> bytes:
            async with http.get(url) as answer:
                return await answer.read()

        yield get


@asynccontextmanager
async def _httpx():
    async with http_client.client(ca_file=None) as http:

        async def get(url: str) -> bytes:
            return (await http.get(url, headers=TOKEN)).content

        yield get


@asynccontextmanager
async def _inserting(url: str):
    one_at_a_time = asyncio.Lock()
    if url.startswith("sqlite"):
        file = sqlite3.connect(make_url(url).database, check_same_thread=False)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=FULL")  # as durable as Callkeeper's own

        def commit(rows: list[Row]) -> None:
            file.executemany("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", rows)
            file.commit()

        async def insert(rows: list[Row]) -> None:
            async with one_at_a_time:
                await asyncio.to_thread(commit, rows)

        yield insert
        file.close()
        return
    server = await asyncpg.connect(url)

    async def copy(rows: list[Row]) -> None:
        async with one_at_a_time:
            await server.copy_records_to_table("documents", records=rows)

    yield copy
    await server.close()


def _now(url: str) -> datetime | str:
    now = datetime.now(UTC)
    return now.isoformat() if url.startswith("sqlite") else now
