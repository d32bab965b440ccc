"""Collecting from a server of ready bytes, against a bare loop that fetches, parses and inserts the document."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import orjson

from app.simulator.records import a_call_record
from bench import databases
from bench.processes import ROOT, free_port, process, wait_for_port
from bench.ready_graph import PLACEHOLDER
from bench.report import Row

WANTED = {"8 KB": 0.5, "200 KB": 0.4}


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
                rows += _compared(f"collect {size} records, {name}", fresh, folder, port, count, rounds, WANTED[size])
    return rows


def _compared(
    what: str, fresh: Callable[[Path], str], folder: Path, port: int, count: int, rounds: int, wanted: float
) -> list[Row]:
    pairs = [
        (_collecting("bare", fresh(folder), port, count), _collecting("ours", fresh(folder), port, count))
        for _ in range(rounds)
    ]
    rate = median(ours for _, ours in pairs)
    ratio = median(ours / bare for bare, ours in pairs)
    rows = [Row(f"{what}: against a bare loop", ratio, ">=", wanted, f"{rate:.0f}/s")]
    if wanted == WANTED["8 KB"]:
        rows.append(Row(f"{what}: records/s", rate, ">=", 500))
    return rows


def _collecting(which: str, url: str, port: int, count: int) -> float:
    command = [sys.executable, "-m", "bench.collecting", which, url, str(port), str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)
