"""Filters by rare values, the overview, statistics and a purge in an archive of millions of calls, run by hand.

python -m bench.many_calls DATABASE_URL

Takes a database that `bench.generate` filled and `bench.multiply` enlarged. It adds some calls with a rare device.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.archive.daily import calls_over_time, calls_per_day
from app.archive.daily.fold import fold
from app.archive.parse.record import RecordBuilder
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema.tables import call_records
from app.archive.store import record_store
from app.db import Database
from app.simulator.records import a_call_record
from bench.invented import FIRST_START, SPAN
from bench.processes import TENANT
from bench.report import Row
from bench.timed import timed

RARE, CALLS = "Device of few calls", 20
RARE_MS, MONTH_MS = 150, 250

Ask = Callable[[Any, int], Awaitable[Any]]


async def measured(url: str) -> list[Row]:
    database = Database.open(url)
    await add_rare(database)
    async with database.reading() as db:
        count = await db.scalar(select(func.count()).select_from(call_records))
    rows = [await asked(database, what, ask, most, count) for what, ask, most in questions()]
    rows.append(await counting(database))
    await database.close()
    return rows


def questions() -> list[tuple[str, Ask, float]]:
    def page(**filters: Any) -> Ask:
        async def ask(db: Any, _: int) -> None:
            await stored_calls.calls(db, Filters(**filters))

        return ask

    async def statistics(db: Any, number: int) -> None:
        since = FIRST_START + SPAN * (number % 90 / 100)
        await calls_over_time.counted(db, Filters(since=since, until=since + timedelta(days=30)), "day", "platform")

    async def overview(db: Any, _: int) -> None:
        now = datetime.now(UTC)
        await calls_per_day.counted(db, Filters(since=now - timedelta(days=90), until=now))

    return [
        ("unknown device", page(device="nope"), RARE_MS),
        ("rare device", page(device=RARE), RARE_MS),
        ("rare device and common platform", page(device=RARE, platform="windows"), RARE_MS),
        ("unknown subnet of failed calls", page(subnet="192.0.2.0", failed=True), RARE_MS),
        ("unknown rating", page(rating="nope"), RARE_MS),
        ("common platform", page(platform="windows"), RARE_MS),
        ("statistics of a month by platform", statistics, MONTH_MS),
        ("overview of 90 days", overview, MONTH_MS),
    ]


async def asked(database: Database, what: str, ask: Ask, most: float, count: int | None) -> Row:
    async def once(number: int) -> None:
        async with database.snapshot() as db:
            await ask(db, number)

    p50, p95 = await timed(once)
    return Row(f"{what} at {count:,} calls: p95 in ms", p95, "<=", most, f"p50 {p50:.1f} ms")


async def add_rare(database: Database) -> None:
    """Calls in as many hours of the archive."""
    records = []
    for number in range(CALLS):
        start = FIRST_START + SPAN * ((number + 0.5) / CALLS)
        record = a_call_record(seed=number, tenant_id=TENANT, start=start, id=f"00000000-0000-4000-8000-{number:012x}")
        for session in record["sessions"]:
            for segment in session["segments"]:
                for media in segment["media"] or []:
                    media["callerDevice"] = {"captureDeviceName": RARE}
        builder = RecordBuilder(TENANT, record["id"])
        builder.begin(record)
        records.append(builder.finish(datetime.now(UTC)))
    async with database.begin() as db:
        await record_store.save(db, records)
    await fold(database)


async def counting(database: Database) -> Row:
    """The time to add the changes of stored calls, for each of them."""
    records = []
    for number in range(1000):
        start = FIRST_START + SPAN + timedelta(seconds=number)
        builder = RecordBuilder(TENANT, f"00000000-0000-4000-9000-{number:012x}")
        builder.begin(a_call_record(seed=number, tenant_id=TENANT, start=start))
        records.append(builder.finish(datetime.now(UTC)))
    async with database.begin() as db:
        await record_store.save(db, records)
    begun = time.process_time()
    await fold(database)
    cost = (time.process_time() - begun) / len(records)
    return Row("processor time of counting a stored call, in ms", 1000 * cost, "<=", 0.3)


if __name__ == "__main__":
    for row in asyncio.run(measured(sys.argv[1])):
        print(row)
