"""DETAIL_ROWS=none: the space that a call takes, and the time of reading it from its document instead of rows."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import orjson
from sqlalchemy import delete, select

from app.archive.people import person
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema.count_tables import day_counts, hour_counts
from app.archive.schema.tables import call_records
from app.db import Database
from bench import databases, generate, invented
from bench.archive import size
from bench.report import Row
from bench.started import started

CALLS = 4_000
TIMES = 200
MOST_BYTES = 5_000
BASELINE = "the same call of an archive with detail rows, read in turn"

Ask = Callable[[Any, int], Awaitable[Any]]


def run(folder: Path) -> list[Row]:
    rows: list[Row] = []
    for name, fresh in (("SQLite", databases.sqlite), ("PostgreSQL", databases.postgresql)):
        with_rows, without = fresh(folder), fresh(folder)
        empty = asyncio.run(size(without))
        generate.fill(with_rows, CALLS)
        generate.fill(without, CALLS, detail=False)
        taken, before = ((asyncio.run(_size_of_calls(url)) - empty) / CALLS for url in (without, with_rows))
        details = f"{before / 1000:.1f} KB with detail rows"
        rows.append(Row(f"DETAIL_ROWS=none, {name}: bytes of a call", taken, "<=", MOST_BYTES, details))
        rows += asyncio.run(compared(with_rows, without, name))
    return rows


async def _size_of_calls(url: str) -> int:
    """Without the counts of hours and days, which grow with the time and not with the calls."""
    database = Database.open(url)
    async with database.begin() as db:
        for table in (hour_counts, day_counts):
            await db.execute(delete(table))
    async with database.driver() as driver:
        await driver.execute("VACUUM" if database.dialect == "sqlite" else "VACUUM FULL hour_counts, day_counts")
    await database.close()
    return await size(url)


async def compared(with_rows: str, without: str, name: str) -> list[Row]:
    """p95 of both, each question asked of the one and of the other in turn."""
    rows = []
    databases_ = Database.open(with_rows), Database.open(without)
    everybody = invented.people(CALLS)

    async def one_call(db: Any, number: int) -> None:
        key = CALLS * (number + 1) // (TIMES + 2)
        call_id = await db.scalar(select(call_records.c.call_id).where(call_records.c.key == key))
        orjson.dumps(await stored_calls.call(db, call_id))

    async def a_person(db: Any, number: int) -> None:
        await person.profile(db, everybody[number].id, Filters())

    with started():
        for what, ask, times, reach in (
            ("one call by id", one_call, TIMES, 1.0),
            ("a person of many calls", a_person, TIMES // 10, None),
        ):
            taken = [await asked(databases_, ask, number) for number in range(-5, times)][5:]
            stored, parsed = ([one[place] for one in taken] for place in (0, 1))
            p95 = [quantiles(some, n=20)[-1] for some in (stored, parsed)]
            details = f"p95 {p95[1]:.1f} ms against {p95[0]:.1f}; p50 {median(parsed):.1f} against {median(stored):.1f}"
            rows.append(Row(f"DETAIL_ROWS=none, {name}: {what}, p95", p95[1] / p95[0], "<=", reach, details, BASELINE))
    for database in databases_:
        await database.close()
    return rows


async def asked(databases_: tuple[Database, Database], ask: Ask, number: int) -> tuple[float, float]:
    """Milliseconds with rows and without."""
    taken = []
    for database in databases_:
        begun = time.perf_counter()
        async with database.snapshot() as db:
            await ask(db, abs(number))
        taken.append((time.perf_counter() - begun) * 1000)
    return taken[0], taken[1]
