"""The webhook under attack: how long a handshake waits meanwhile, and what memory the service takes.

    python -m bench.webhook_under_fire

Each attack runs alone, beside a validation handshake each 20 ms. Loopback only; every attack ends within a minute.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from sqlalchemy import func, select

from app.db import Database
from app.inbox.model import inbox
from bench import databases
from bench.attacks import ATTACKS, PATH, PATIENCE
from bench.load import batch, request
from bench.memory_limit import Limit
from bench.processes import ROOT, TENANT, free_port, process, rss, settings, wait_for_port
from bench.report import Row

EACH = 0.02  # seconds between two handshakes
QUIET = 3.0  # seconds without an attack, to compare with
WORST, GROWTH = 300, 120  # ms of a handshake; MB of the process
_HANDSHAKE = f"POST {PATH}?validationToken=hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode()

FULL = {name: (attack.count, attack.count) for name, attack in ATTACKS.items()}


Result = TypeVar("Result")


@dataclass(slots=True)
class Attacked:
    """Milliseconds of the slowest handshake, MB above the idle process at the peak, status -> connections."""

    worst: float
    growth: float
    answers: Counter[str]


@dataclass(slots=True)
class Report:
    quiet: float = 0.0
    """Milliseconds of the slowest handshake without an attack."""
    attacks: dict[str, Attacked] = field(default_factory=dict)
    status: int = 0
    """Of the true notification after the attacks."""
    is_stored: bool = False
    log_lines: int = 0


def run(folder: Path) -> list[Row]:
    report = attack(folder, FULL, quiet=QUIET)
    rows = [Row("webhook without an attack: slowest handshake in ms", report.quiet, "<=", None)]
    for name, result in report.attacks.items():
        what = f"webhook attacked by {ATTACKS[name].count} x {ATTACKS[name].what}"
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(result.answers.items()))
        rows.append(Row(f"{what}: slowest handshake in ms", result.worst, "<=", WORST, answers))
        rows.append(Row(f"{what}: MB above the idle service", result.growth, "<=", GROWTH))
    stored = report.is_stored and report.status == 202
    rows.append(Row("webhook: a true notification after the attacks is stored", stored, ">=", 1, str(report.status)))
    rows.append(Row("webhook: lines logged during the attacks", report.log_lines, "<=", 20))
    return rows


def attack(
    folder: Path, counts: Mapping[str, tuple[int, int]], *, quiet: float = 0.0, limit: Limit | None = None
) -> Report:
    """One service and one SQLite file for all attacks. ``counts``: attack -> (connections, answers to wait for).

    The service first runs for ``quiet`` seconds without an attack.
    """
    url, port = databases.sqlite(folder), free_port()
    client_state = databases.subscribe(url)
    serve = ("app", "serve", "--no-worker", "--no-renewal", "--port", str(port))
    environment = settings(url, port) | {"LOG_LEVEL": "warning"}
    log = folder / "service.log"
    with (
        log.open("w") as output,
        process(
            *serve,
            environment=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=limit and limit.enter,
        ) as service,
    ):
        wait_for_port(port, service)
        report = asyncio.run(_attack(service, port, counts, client_state, quiet))
        report.is_stored = asyncio.run(_count(url)) == 1
    report.log_lines = len(log.read_text().splitlines())
    return report


async def _attack(
    service: subprocess.Popen[bytes],
    port: int,
    counts: Mapping[str, tuple[int, int]],
    client_state: str,
    quiet: float,
) -> Report:
    report = Report()
    for _ in range(20):
        await _handshake(port)  # warm
    _, worst = await beside_handshakes(port, asyncio.sleep(quiet))
    report.quiet = 1000 * worst
    idle = rss(service)
    for name, (count, awaited) in counts.items():
        _reset_peak(service)
        answers, worst = await beside_handshakes(port, answers_to(name, port, TENANT, count, awaited))
        report.attacks[name] = Attacked(1000 * worst, _peak(service) - idle, answers)
    notification = batch(Random(time.time_ns()), 1, client_state, TENANT)
    report.status = int((await _answer(port, request(PATH, notification)))[9:12])
    return report


async def answers_to(name: str, port: int, tenant: str, count: int, awaited: int) -> Counter[str]:
    """The attack from a process of its own: status -> connections."""
    command = ["-m", "bench.attacks", name, str(port), tenant, str(count), str(awaited)]
    attacker = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, stdout=subprocess.PIPE)
    output, _ = await attacker.communicate()
    return Counter(json.loads(output))


async def beside_handshakes(port: int, work: Coroutine[Any, Any, Result]) -> tuple[Result, float]:
    """What the work returns, and the seconds of the slowest handshake that began meanwhile."""
    finished = asyncio.create_task(work)
    handshakes = []
    while True:
        handshakes.append(asyncio.create_task(_handshake(port)))
        await asyncio.sleep(EACH)
        if finished.done():
            break
    return finished.result(), max(await asyncio.gather(*handshakes))


async def _handshake(port: int) -> float:
    begun = time.perf_counter()
    answer = await _answer(port, _HANDSHAKE)
    if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(b"hello"):
        raise RuntimeError(f"a handshake was answered with {answer[:60]!r}")
    return time.perf_counter() - begun


async def _answer(port: int, data: bytes) -> bytes:
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((line for line in head.lower().splitlines() if line.startswith(b"content-length:")), b":0")
        body = await reader.readexactly(int(length.partition(b":")[2]))
        writer.close()
    return head + body


async def _count(url: str) -> int:
    database = Database.open_readonly(url)
    async with database.reading() as db:
        rows = await db.scalar(select(func.count()).select_from(inbox))
    await database.close()
    return rows or 0


def _reset_peak(service: subprocess.Popen[bytes]) -> None:
    """Linux: the peak of the resident memory begins again at what is resident now."""
    Path(f"/proc/{service.pid}/clear_refs").write_text("5")


def _peak(service: subprocess.Popen[bytes]) -> float:
    """MB."""
    lines = Path(f"/proc/{service.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="callkeeper-bench-") as temporary:
        for row in run(Path(temporary)):
            print(row, flush=True)
