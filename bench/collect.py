"""Collecting from a server of ready bytes, against a bare loop: bench/bare_loop.py says what that does and leaves out.

The server speaks HTTP/1.1 without TLS, for both sides alike, so that neither the server nor encryption is what is
measured: it takes 0.04 ms of another process for a record of 8 KB.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import orjson

from app.simulator.records import a_call_record
from bench import databases
from bench.processes import ROOT, free_port, process, wait_for_port
from bench.ready_graph import PLACEHOLDER
from bench.report import Row

RATIO, RATIO_WITHOUT_DETAIL = 0.4, 0.5
RATE = {"8 KB": 900, "200 KB": 200}
BARE = (
    "a loop of thirty lines with the driver of the same database: aiohttp without httpx, 16 requests at a time, "
    "orjson, the raw document inserted as bytes, 32 in a commit"
)
SAME_CLIENT = "the same loop with Callkeeper's HTTP client"


class Run(NamedTuple):
    """Records per second, milliseconds of processor time that each took, in all processes together, and the rate with
    the time in which detail rows are written that were left out while records came.
    """

    rate: float
    cpu: float
    complete_rate: float


def run(folder: Path, *, small: int = 3000, large: int = 300, rounds: int = 3) -> list[Row]:
    records = {
        "8 KB": (a_call_record(type="peerToPeer", id=PLACEHOLDER.decode(), seed=7), small),
        "200 KB": (
            a_call_record(type="groupCall", id=PLACEHOLDER.decode(), seed=7, participants=20, sessions=20),
            large,
        ),
    }
    rows: list[Row] = []
    for size, (record, count) in records.items():
        file = folder / f"{count}.json"
        file.write_bytes(orjson.dumps(record))
        port = free_port()
        with process("bench.ready_graph", str(port), str(file)) as server:
            wait_for_port(port, server)
            for name, fresh in (("SQLite", databases.sqlite), ("PostgreSQL", databases.postgresql)):
                rows += _compared(f"collect {size} records, {name}", fresh, folder, port, count, rounds, RATE[size])
    return rows


def _compared(
    what: str, fresh: Callable[[Path], str], folder: Path, port: int, count: int, rounds: int, wanted: float
) -> list[Row]:
    def run(which: str) -> Run:
        return _collecting(which, fresh(folder), port, count)

    trios, ratios = list[tuple[Run, Run, Run]](), list[float]()
    for _ in range(rounds):
        trios.append((run("bare"), run("bare-httpx"), run("ours")))
        ratios.append(run("ours-none").rate / trios[-1][0].rate)
    rate, cpu = median(ours.rate for *_, ours in trios), median(ours.cpu for *_, ours in trios)
    complete = median(ours.complete_rate for *_, ours in trios)
    to_bare = median(ours.rate / bare.rate for bare, _, ours in trios)
    to_httpx = median(ours.rate / bare.rate for _, bare, ours in trios)
    cpu_to_bare = median(bare.cpu / ours.cpu for bare, _, ours in trios)
    theirs = f"{median(bare.rate for bare, *_ in trios):.0f}/s"
    return [
        Row(f"{what}: against a bare loop", to_bare, ">=", RATIO, f"{rate:.0f}/s against {theirs}", BARE),
        Row(f"{what}: against a bare loop over httpx", to_httpx, ">=", None, "", SAME_CLIENT),
        Row(f"{what}: processor time, a bare loop's by ours", cpu_to_bare, ">=", None, f"{cpu:.2f} ms", BARE),
        Row(f"{what}, DETAIL_ROWS=none: against a bare loop", median(ratios), ">=", RATIO_WITHOUT_DETAIL, "", BARE),
        Row(f"{what}: records/s", rate, ">=", wanted),
        Row(f"{what}: records/s until their detail rows are written too", complete, ">=", None),
    ]


def _collecting(which: str, url: str, port: int, count: int) -> Run:
    command = [sys.executable, "-m", "bench.collecting", which, url, str(port), str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Run(*json.loads(done.stdout))
