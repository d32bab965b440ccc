"""Reading the archive: each question of the API at 10,000 calls and at many more, and the space that a call takes.

BENCH_CALLS=1000000 asks at a million (the default is 100,000). BENCH_WHOLE_EVERY=10 gives only each tenth of those its
sessions, media and streams: a million complete calls take 13 GB.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import asyncpg
from sqlalchemy import func, select

from app.archive.daily import calls_over_time, count_job, streams_per_day
from app.archive.people import person
from app.archive.queries import graph_records, stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.graph_records import Sought
from app.archive.queries.paging.position import Position
from app.archive.queries.stats import By
from app.archive.schema.tables import call_records, documents
from app.db import Database
from bench import databases, generate, invented
from bench.processes import TENANT
from bench.report import Row
from bench.started import started
from bench.timed import TIMES, timed

SMALL = 10_000

Ask = Callable[[Any, int], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Question:
    what: str
    ask: Ask
    reach: float | None  # milliseconds at the 95th percentile
    steady: bool = False  # no more than twice the time at 10,000 calls


def run(folder: Path) -> list[Row]:
    large = int(os.environ.get("BENCH_CALLS", "100000"))
    every = int(os.environ.get("BENCH_WHOLE_EVERY", "1"))
    rows: list[Row] = []
    for name, fresh in (("SQLite", databases.sqlite), ("PostgreSQL", databases.postgresql)):
        few, many = fresh(folder), fresh(folder)
        before = asyncio.run(size(few))
        generate.fill(few, SMALL)
        generate.fill(many, large, every)
        rows.append(asyncio.run(room(few, before, name)))
        rows += compared(few, many, large, name)
    return rows


def compared(few: str, many: str, large: int, name: str) -> list[Row]:
    at_few = asyncio.run(measured(few, SMALL))
    at_many = asyncio.run(measured(many, large))
    rows = []
    for question in questions(large):
        p50, p95 = at_many[question.what]
        before50, before95 = at_few[question.what]
        details = f"p50 {p50:.1f} ms; at {SMALL:,}: p50 {before50:.1f}, p95 {before95:.1f} ms"
        what = f"{question.what} at {large:,} calls, {name}"
        rows.append(Row(f"{what}: p95 in ms", p95, "<=", question.reach, details))
        if question.steady:
            rows.append(
                Row(f"{what}: against {SMALL:,}", p50 / before50, "<=", 2, "", f"the median at {SMALL:,} calls")
            )
    return rows


async def measured(url: str, count: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 in milliseconds, each in one connection and warm."""
    database = Database.open(url)
    await count_job.settle(database, holder="bench")
    with started():
        found = {question.what: await asked(database, question) for question in questions(count)}
    await database.close()
    return found


async def asked(database: Database, question: Question) -> tuple[float, float]:
    async def ask(number: int) -> None:
        async with database.reading() as db:
            await question.ask(db, number)

    return await timed(ask)


def start(number: int) -> datetime:
    return invented.FIRST_START + invented.SPAN * ((number * 37 % 89) / 100)


def month(number: int) -> dict[str, Any]:
    return {"since": start(number), "until": start(number) + timedelta(days=30)}


def page(*ranges: Callable[[int], dict[str, Any]], **filters: Callable[[int], Any]) -> Ask:
    """The first page of what these let through."""

    async def ask(db: Any, number: int) -> None:
        asked = {name: value(number) for name, value in filters.items()}
        for within in ranges:
            asked |= within(number)
        await stored_calls.calls(db, Filters(**asked))

    return ask


def statistics(by: By | None) -> Ask:
    async def ask(db: Any, number: int) -> None:
        await calls_over_time.counted(db, Filters(**month(number)), "day", by)

    return ask


def by_id(count: int, get: Callable[[Any, str], Awaitable[Any]]) -> Ask:
    async def ask(db: Any, number: int) -> None:
        key = count * (number + 1) // (TIMES + 6) // 20 * 20  # one that has all its rows
        await get(db, await db.scalar(select(call_records.c.call_id).where(call_records.c.key == key)))

    return ask


def questions(count: int) -> list[Question]:
    return [
        *by_time_and_id(count),
        *by_people(count),
        *by_what_they_were(),
        *by_tools(),
        *of_persons(count),
        *as_graph_is_asked(count),
    ]


def by_time_and_id(count: int) -> list[Question]:
    async def deep(db: Any, number: int) -> None:
        await stored_calls.calls(db, Filters(), after=Position(start(number), count // 2))

    return [
        Question("newest page", page(), 20, steady=True),
        Question("deep page", deep, 20, steady=True),
        Question("time range of a month", page(month), 20, steady=True),
        Question("one call by id", by_id(count, stored_calls.call), 20, steady=True),
        Question("its document", by_id(count, stored_calls.document), 20, steady=True),
        Question("tenant", page(tenant_id=lambda _: TENANT), 20, steady=True),
    ]


def by_people(count: int) -> list[Question]:
    everybody = invented.people(count)

    def somebody(number: int) -> invented.Somebody:
        return everybody[number * 331 % len(everybody)]

    def part(number: int) -> str:
        return somebody(number).name[:9]

    return [
        Question("participant", page(participant=lambda n: somebody(n).id), 20, steady=True),
        Question("participant by UPN", page(participant=lambda n: somebody(n).upn), 20, steady=True),
        Question("organizer", page(organizer=lambda n: somebody(n).id), 20, steady=True),
        Question("participant in a month", page(month, participant=lambda n: somebody(n).id), 20, steady=True),
        Question("name part in a month", page(month, participant=part), 100),
        Question("common name part in a month", page(month, participant=lambda _: "a"), 100),
        Question("complete name in a month", page(month, participant=lambda n: somebody(n).name), 100),
        Question("unknown name in a month", page(month, participant=lambda _: "nobody"), 100),
        Question("name part", page(participant=part), None),
        Question("poor calls of one in a month", page(month, participant=lambda n: somebody(n).id, quality=poor), None),
    ]


def by_what_they_were() -> list[Question]:
    return [
        Question("quality in a month", page(month, quality=poor), 100),
        Question("failed in a month", page(month, failed=true), 100),
        Question("failed", page(failed=true), None),
        Question("failed meetings in a month", page(month, failed=true, type=lambda _: "groupCall"), None),
        Question("type", page(type=lambda _: "groupCall"), None),
        Question("modality", page(modality=lambda _: "screenSharing"), None),
        Question("rating", page(rating=lambda _: "bad"), None),
        Question("an hour or longer", page(min_duration=lambda _: 3600.0), None),
        Question("statistics of a month by day", statistics(None), 300),
        Question("the same by platform", statistics("platform"), 300),
    ]


def by_tools() -> list[Question]:
    async def quality(db: Any, number: int) -> None:
        within = Filters(**quarter(number))
        for dimension in get_args(streams_per_day.Dimension):
            await streams_per_day.over(db, within, dimension)
        await streams_per_day.by_time(db, within)
        await streams_per_day.total(db, within)

    return [
        Question("quality over 90 days, by everything", quality, 1500),
        Question("calls of a subnet in 90 days", page(quarter, subnet=lambda n: f"10.150.{n}.0"), None),
        Question("poor calls of a device in 90 days", page(quarter, device=lambda _: "Ear", quality=poor), None),
    ]


def quarter(number: int) -> dict[str, Any]:
    return {"since": start(number), "until": start(number) + timedelta(days=90)}


def of_persons(count: int) -> list[Question]:
    everybody = invented.people(count)

    async def in_90_days(db: Any, number: int) -> None:
        await person.profile(db, everybody[number].id, Filters(**quarter(number)))

    async def busy(db: Any, _: int) -> None:
        await person.profile(db, invented.busy(everybody).id, Filters(since=invented.BUSY_SINCE))

    return [
        Question("a person of many calls in 90 days", in_90_days, 150),
        Question("a person of 1,000 calls in 90 days", busy, 150),
    ]


def as_graph_is_asked(count: int) -> list[Question]:
    async def listed(db: Any, _: int) -> None:
        await graph_records.page(db, Sought(None), None, 60)

    async def got(db: Any, call_id: str) -> None:
        await graph_records.one(db, call_id, None)

    return [Question("Graph's list", listed, None), Question("Graph's get", by_id(count, got), None)]


def poor(_: int) -> str:
    return "poor"


def true(_: int) -> bool:
    return True


async def room(url: str, before: int, name: str) -> Row:
    """What a call takes against what Graph sent; an empty database's own size is left out."""
    taken = await size(url) - before
    database = Database.open(url)
    async with database.reading() as db:
        raw, kept = (
            await db.execute(select(func.sum(documents.c.raw_bytes), func.sum(func.length(documents.c.document))))
        ).one()
    await database.close()
    details = f"{taken / SMALL / 1000:.1f} KB a call of {raw / SMALL / 1000:.1f} KB; documents alone {kept / raw:.2f}"
    return Row(
        f"stored bytes against raw JSON, {name}", taken / float(raw), "<=", 0.6, details, "the JSON as Graph sent it"
    )


async def size(url: str) -> int:
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size
    connection = await asyncpg.connect(url)
    found: int = await connection.fetchval("SELECT pg_database_size(current_database())")
    await connection.close()
    return found
