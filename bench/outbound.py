"""Webhooks: deliveries a second to a fast receiver, and what events cost the worker that stores records."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from statistics import median
from uuid import UUID

import aiohttp
import orjson
from sqlalchemy import delete

from app.archive.parse.record import RecordBuilder
from app.db import Database
from app.fetch.saver import BATCH, Fetched, Saver
from app.inbox import queue, tenant_state
from app.inbox.queue import Notice
from app.outbound.delivery.deliver import Deliver, Reach
from app.outbound.registry import webhooks
from app.outbox import listeners, writing
from app.outbox.event import CALL_ARCHIVED, call_event
from app.outbox.tables import deliveries
from app.simulator.records import a_call_record
from bench import databases
from bench.processes import TENANT, free_port, process, wait_for_port
from bench.report import Row
from bench.started import started

EVENTS = 4_000
WAITING = 100_000
ROUNDS = 30  # batches that are stored in each state
AT_ONCE = 32
LOOPBACK = (ip_network("127.0.0.0/8"),)
WORKER = "the worker of this benchmark"


def run(folder: Path) -> list[Row]:
    rows: list[Row] = []
    port = free_port()
    with process("bench.fast_receiver", str(port)) as receiver:
        wait_for_port(port, receiver)
        for name, fresh in (("SQLite", databases.sqlite), ("PostgreSQL", databases.postgresql)):
            rows += asyncio.run(measured(fresh(folder), name, f"http://127.0.0.1:{port}/"))
    return rows


async def measured(url: str, name: str, receiver: str) -> list[Row]:
    database = Database.open(url)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
    with started():
        rows = [await delivering(database, name, receiver), *await storing(database, name, receiver)]
    await database.close()
    return rows


async def delivering(database: Database, name: str, receiver: str) -> Row:
    """In turn with the same requests from a loop without a database, without signatures and without checks."""
    await added(database, receiver)
    deliver = Deliver(database, Reach("https://calls.example.com", LOOPBACK), holder="the benchmark")
    ours, bare = [], []
    for number in range(4):
        await filled(database, EVENTS)
        begun = time.perf_counter()
        await deliver.once()
        ours.append(EVENTS / (time.perf_counter() - begun))
        bare.append(EVENTS / await posted(receiver))
        if number == 0:  # warm
            ours.clear(), bare.clear()
    ratio = median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    details = f"{median(ours):,.0f} against {median(bare):,.0f} a second"
    baseline = "the same bodies posted by the same HTTP library, without a database, 32 at once"
    return Row(f"webhooks, {name}: deliveries to a fast receiver", ratio, ">=", None, details, baseline)


async def posted(receiver: str) -> float:
    body = orjson.dumps({"type": CALL_ARCHIVED, "timestamp": "2026-03-02T08:00:00Z", "data": {"call_id": "x" * 36}})
    numbers = iter(range(EVENTS))
    async with aiohttp.ClientSession() as session:

        async def some() -> None:
            for _ in numbers:
                async with session.post(receiver, data=body) as response:
                    await response.read()

        begun = time.perf_counter()
        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        return time.perf_counter() - begun


async def storing(database: Database, name: str, receiver: str) -> list[Row]:
    """Batches of records are stored in each state in turn."""
    await removed(database)
    without = await stored_in_turn(database, constant=(False, True))
    looked = Row(
        f"webhooks, {name}: storing records without a webhook",
        *(ratio(without), "<=", 1.05),
        f"{median(without[0]):.1f} ms a batch against {median(without[1]):.1f}",
        "the same without the look for webhooks, in turn",
    )
    await added(database, receiver, kinds=["inbox.failed"])
    other = await stored_in_turn(database, constant=(False, False))
    await filled(database, WAITING, kind="inbox.failed", later=timedelta(hours=1))
    waiting = await stored_in_turn(database, constant=(False, False))
    both = [waiting[0] + waiting[1], other[0] + other[1]]
    waits = Row(
        f"webhooks, {name}: storing records while 100,000 events wait",
        *(ratio(both), "<=", 1.05),
        f"{median(both[0]):.1f} ms a batch against {median(both[1]):.1f}",
        "the same with none waiting",
    )
    await removed(database)
    await added(database, receiver)
    with_events = await stored_in_turn(database, constant=(False, True))
    events = Row(
        f"webhooks, {name}: storing records that are events",
        *(ratio(with_events), "<=", None),
        f"{median(with_events[0]):.1f} ms a batch of {BATCH} against {median(with_events[1]):.1f}",
        "the same without the events, in turn",
    )
    return [looked, waits, events]


def ratio(found: list[list[float]]) -> float:
    return median(found[0]) / median(found[1])


async def stored_in_turn(database: Database, constant: tuple[bool, bool]) -> list[list[float]]:
    """Milliseconds of a batch; where ``constant``, the saver believes that there is no webhook, without a look."""
    found: list[list[float]] = [[], []]
    savers = [Saver(database, WORKER) for _ in constant]
    look: Callable = listeners.counting
    for number in range(ROUNDS + 3):
        for place, saver in enumerate(savers):
            batch = await claimed(database)
            listeners.counting = none if constant[place] else look
            begun = time.perf_counter()
            await saver.save(batch)
            if number >= 3:
                found[place].append((time.perf_counter() - begun) * 1000)
            listeners.counting = look
    return found


def none(_dialect):
    return 0
    yield


async def claimed(database: Database) -> list[Fetched]:
    documents = [a_call_record(id=str(UUID(int=time.time_ns() + number))) for number in range(BATCH)]
    now = datetime.now(UTC)
    async with database.begin() as db:
        await queue.put(db, [Notice(TENANT, document["id"]) for document in documents], now)
        claims = await queue.claim(db, WORKER, [TENANT], BATCH, timedelta(hours=1))
    by_id = {document["id"]: document for document in documents}
    fetched = []
    for claim in claims:
        raw = orjson.dumps(by_id[claim.call_id])
        builder = RecordBuilder(TENANT, claim.call_id)
        builder.begin(orjson.loads(raw), raw)
        fetched.append(Fetched(claim, builder.finish(now)))
    return fetched


async def added(database: Database, receiver: str, kinds=(CALL_ARCHIVED,)) -> None:
    async with database.begin() as db:
        await webhooks.add(
            *(db, receiver, list(kinds), "standard"),
            tenants=None,
            by="benchmark",
            at=datetime.now(UTC),
            allowed=LOOPBACK,
        )


async def removed(database: Database) -> None:
    async with database.begin() as db:
        for row in await webhooks.listed(db, None):
            await webhooks.remove(db, row.id, None)
        await db.execute(delete(deliveries))


async def filled(database: Database, count: int, kind: str = CALL_ARCHIVED, later: timedelta = timedelta()) -> None:
    """Events of so many calls; with ``later`` they are due then."""
    for start in range(0, count, 5_000):
        events = [
            call_event(kind, TENANT, str(UUID(int=time.time_ns() + number)), version=1, quality="good")
            for number in range(min(5_000, count - start))
        ]
        async with database.begin() as db:
            await writing.write(db, events, datetime.now(UTC))
            if later:
                await db.execute(deliveries.update().values(due_at=datetime.now(UTC) + later))
