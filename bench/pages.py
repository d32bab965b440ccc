"""The pages at many calls: what the server takes for each, and what a first visit brings to a browser.

200,000 calls, or BENCH_PAGE_CALLS=1000000 by hand, which takes long; every twentieth of them has all its rows, or
every BENCH_PAGE_WHOLE_EVERYth.
Measured without a socket: key, audit, queries and template.
"""

import asyncio
import gzip
import os
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
from sqlalchemy import select

from app.access.audit import Audit
from app.archive.parse.record import RecordBuilder
from app.archive.schema.tables import call_records
from app.archive.store import record_store
from app.db import Database
from app.observability.metrics import Metrics
from app.simulator.records import a_call_record
from app.web import app as web
from app.web.auth.callers import Keys
from app.web.auth.wrong_keys import WrongKeys
from app.web.context import Context
from app.web.webhook.receiver import Receiver
from bench import databases, generate, invented
from bench.processes import TENANT
from bench.report import Row
from bench.started import started
from bench.timed import TIMES, timed

KEY = "the key of the benchmark"
USUAL, MEETING, QUALITY = 150, 400, 1500  # milliseconds at the 95th percentile
DIAGNOSIS = 60  # milliseconds, of a usual call
LIGHT, HEAVY = 60, 150  # kB of a first visit

_ASSET = re.compile(r'(?:src|href)="(/static/[^"]+)"')


class Page(NamedTuple):
    what: str
    path: Callable[[int], str]
    reach: float
    most: float | None


def run(folder: Path) -> list[Row]:
    count = int(os.environ.get("BENCH_PAGE_CALLS", "200000"))
    every = int(os.environ.get("BENCH_PAGE_WHOLE_EVERY", "20"))
    rows: list[Row] = []
    for name, fresh in (("SQLite", databases.sqlite), ("PostgreSQL", databases.postgresql)):
        url = fresh(folder)
        generate.fill(url, count, every)
        rows += asyncio.run(measured(url, count, name))
    return rows


async def measured(url: str, count: int, name: str) -> list[Row]:
    async with AsyncExitStack() as stack:
        database, metrics = Database.open(url), Metrics()
        stack.push_async_callback(database.close)
        receiver = await stack.enter_async_context(Receiver(database, (TENANT,), metrics))
        audit = await stack.enter_async_context(Audit(database))
        app = web.make(
            Context(database, (TENANT,), Keys(KEY, None), metrics, audit, WrongKeys(metrics)), receiver, metrics
        )
        headers = {"Authorization": f"Bearer {KEY}", "Accept": "text/html", "Accept-Encoding": "gzip"}
        transport = httpx.ASGITransport(app)
        http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers, timeout=60)
        await stack.enter_async_context(http)
        asking = await pages(database, count)
        stack.enter_context(started())
        return [row for page in asking for row in await asked(http, page, f"{count:,} calls, {name}")]


async def pages(database: Database, count: int) -> list[Page]:
    everybody, ids, meeting = invented.people(count), await whole_calls(database), await a_meeting(database)
    return [
        Page("overview", lambda _: "/", USUAL, LIGHT),
        Page("overview of 90 days", lambda _: "/?range=90d", USUAL, LIGHT),
        Page("calls", lambda _: "/calls", USUAL, LIGHT),
        Page("calls of one person", lambda n: f"/calls?q={everybody[n * 331 % len(everybody)].id}", USUAL, LIGHT),
        Page("a usual call", lambda n: f"/calls/{ids[n % len(ids)]}?session=0", USUAL, LIGHT),
        Page("a meeting of 400", lambda _: f"/calls/{meeting}", MEETING, HEAVY),
        Page("the diagnosis of a usual call", lambda n: f"/api/calls/{ids[n % len(ids)]}/diagnosis", DIAGNOSIS, None),
        Page("the diagnosis of a meeting of 400", lambda _: f"/api/calls/{meeting}/diagnosis", MEETING, None),
        Page("quality over 90 days", lambda _: "/quality?range=90d", QUALITY, None),
    ]


async def whole_calls(database: Database) -> list[str]:
    """The ids of some that have all their rows: of the others only the head is stored."""
    c = call_records.c
    async with database.reading() as db:
        last = await db.scalar(select(c.key).order_by(c.key.desc()).limit(1)) or 0
        keys = [last * place // (TIMES + 1) // 20 * 20 for place in range(1, TIMES + 1)]
        return list((await db.execute(select(c.call_id).where(c.key.in_(keys)))).scalars())


async def a_meeting(database: Database) -> str:
    """The id of one with 400 people, a few of them with poor streams."""
    recipe = {"type": "groupCall", "participants": 400, "sessions": 430, "video": True, "poor_sessions": 7}
    start = datetime.now(UTC) - timedelta(hours=2)
    document = a_call_record(seed=1, tenant_id=TENANT, start=start, **recipe)
    builder = RecordBuilder(TENANT, document["id"])
    builder.begin(document)
    async with database.begin() as db:
        await record_store.save(db, [builder.finish(datetime.now(UTC))])
    return str(document["id"])


async def asked(http: httpx.AsyncClient, page: Page, where: str) -> list[Row]:
    async def ask(number: int) -> None:
        (await http.get(page.path(number))).raise_for_status()

    p50, p95 = await timed(ask)
    rows = [Row(f"page {page.what} at {where}: p95 in ms", p95, "<=", page.reach, f"p50 {p50:.1f} ms")]
    if page.most is not None:
        size = await visited(http, await http.get(page.path(TIMES)))
        rows.append(Row(f"page {page.what} at {where}: kB of a first visit", size, "<=", page.most))
    return rows


async def visited(http: httpx.AsyncClient, answer: httpx.Response) -> float:
    """What goes over the line, packed: the page and all that it names of ours."""
    total = len(gzip.compress(answer.content, 5))
    for asset in sorted(set(_ASSET.findall(answer.text))):
        total += int((await http.get(asset)).headers["Content-Length"])
    return total / 1000
