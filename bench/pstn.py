"""A day with 100,000 rows of the Direct Routing log: copied, read again, and joined; rows a second, and peak memory.

The rows are made one page at a time as they are asked for, in the process that copies them: their cost is in the rates.
"""

import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from app.db import Database
from app.simulator.call_logs.rows import direct_routing_row
from app.telephony.joins.job import JoinLogRows
from app.telephony.sync.synchronise import Synchronise
from bench import databases
from bench.processes import TENANT
from bench.report import Row

ROWS, PAGE = 100_000, 1_000
KIND = "direct_routing"


def run(folder: Path) -> Iterator[Row]:
    for name, url in databases.both(folder).items():
        figures = _measured(url)
        day = f"day of {ROWS:,} rows of a log on {name}"
        yield Row(f"{day}: rows copied a second", figures["copied"], ">=", 1_000)
        yield Row(f"{day}: unchanged rows read again a second", figures["again"], ">=", 1_500)
        yield Row(f"{day}: rows looked for calls a second", figures["joined"], ">=", 500)
        yield Row(f"{day}: peak RSS above idle in MB", figures["peak"], "<=", 100)


def _measured(url: str) -> dict[str, float]:
    """In a process of its own, whose memory is only for this."""
    command = [sys.executable, "-m", "bench.pstn", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class _Log:
    """A log whose rows are the same each time."""

    def __init__(self, day: datetime) -> None:
        self._day = day

    async def call_log(self, _kind: str, since: datetime, until: datetime) -> AsyncIterator[list[dict[str, Any]]]:
        step = timedelta(days=1) / ROWS
        first, last = ((at - self._day) // step for at in (since, until))
        for begin in range(max(first, 0), min(last, ROWS), PAGE):
            numbers = range(begin, min(begin + PAGE, last, ROWS))
            yield [direct_routing_row(Random(number), self._day + step * number, "ByotOut") for number in numbers]


async def _all(url: str) -> dict[str, float]:
    day = (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    async with Database.open(url) as database:
        log = Synchronise(database, _Log(day), TENANT, KIND, holder="bench", every=timedelta(0))
        idle = _peak()
        copied = await _rate(log.run(since=day))
        again = await _rate(log.run(since=day))
        joined = await _rate(JoinLogRows(database, holder="bench").once())
        return {"copied": copied, "again": again, "joined": joined, "peak": _peak() - idle}


async def _rate(work: Any) -> float:
    begun = perf_counter()
    await work
    return ROWS / (perf_counter() - begun)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_all(sys.argv[1]))))
