"""Expensive reads: what memory the service takes while many callers ask for the largest meeting at once.

    python -m bench.reads_under_fire

One meeting of 3,000 sessions and 2,900 participants; each route is asked for it by several connections at a time.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson

from app.archive.parse.record import RecordBuilder
from app.archive.store import record_store
from app.db import Database
from app.inbox import tenant_state
from app.simulator.records import a_call_record
from bench import databases
from bench.memory_limit import Limit
from bench.processes import KEY, TENANT, free_port, process, rss, settings, wait_for_port
from bench.report import Row

SESSIONS, PARTICIPANTS = 3000, 2900
AT_ONCE = 20
GROWTH = 120  # MB of the process
PATIENCE = 120.0  # seconds for an answer

ROUTES = {
    "/api/calls/{id}": {},
    "/api/calls/{id}/record": {},
    "/v1.0/communications/callRecords/{id}?$expand=sessions($expand=segments),participants_v2": {},
    "/calls/{id}": {"Accept": "text/html"},
    "/v1.0/$batch": {},
}
_JSON = {"Content-Type": "application/json"}


@dataclass(slots=True)
class Asked:
    """MB above the idle process, at the peak and afterwards; status -> answers; the largest in bytes and seconds."""

    growth: float
    stays: float
    answers: Counter[int] = field(default_factory=Counter)
    largest: int = 0
    seconds: float = 0.0


def run(folder: Path) -> list[Row]:
    rows = []
    for route, asked in ask(folder, AT_ONCE).items():
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(asked.answers.items()))
        what = f"{AT_ONCE} x {route} of 3,000 sessions"
        note = f"{answers}; up to {asked.largest / 1e6:.1f} MB, {asked.seconds:.1f} s"
        rows.append(Row(f"{what}: MB above the idle service", asked.growth, "<=", GROWTH, note))
    return rows


def ask(
    folder: Path,
    at_once: int,
    *,
    sessions: int = SESSIONS,
    participants: int = PARTICIPANTS,
    limit: Limit | None = None,
) -> dict[str, Asked]:
    """One service on SQLite for all routes, each asked by ``at_once`` connections with one key."""
    url, port = databases.sqlite(folder), free_port()
    call_id = asyncio.run(store(url, sessions, participants))
    serve = ("app", "serve", "--no-worker", "--no-renewal", "--port", str(port))
    with process(*serve, environment=settings(url, port), preexec_fn=limit and limit.enter) as service:
        wait_for_port(port, service)
        return asyncio.run(_ask(service, port, call_id, at_once))


async def store(url: str, sessions: int, participants: int) -> str:
    """Store the meeting; its id."""
    record = a_call_record(seed=7, type="groupCall", sessions=sessions, participants=participants)
    builder = RecordBuilder(TENANT, record["id"])
    builder.begin(record, orjson.dumps(record))
    database = Database.open(url)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT])
        await record_store.save(db, [builder.finish(datetime.now(UTC))])
    await database.close()
    return record["id"]


async def _ask(service: subprocess.Popen, port: int, call_id: str, at_once: int) -> dict[str, Asked]:
    found = {}
    limits = httpx.Limits(max_connections=at_once)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {KEY}"}, timeout=PATIENCE, limits=limits
    ) as http:
        await http.get("/api/calls")  # warm
        await http.get("/calls", headers={"Accept": "text/html"})
        idle = rss(service)
        for route, headers in ROUTES.items():
            _reset_peak(service)
            asked = Asked(0.0, 0.0)
            await asyncio.gather(*(_one(http, route, headers, call_id, asked) for _ in range(at_once)))
            asked.growth, asked.stays = peak(service) - idle, rss(service) - idle
            found[route] = asked
    return found


async def _one(http: httpx.AsyncClient, route: str, headers: dict[str, str], call_id: str, asked: Asked) -> None:
    begun, size = time.perf_counter(), 0
    path = route.replace("{id}", call_id)
    if route == "/v1.0/$batch":
        inner = next(one for one in ROUTES if "$expand" in one).replace("{id}", call_id).removeprefix("/v1.0")
        body = {"requests": [{"id": str(number), "method": "GET", "url": inner} for number in range(20)]}
        request = http.build_request("POST", path, content=orjson.dumps(body), headers=_JSON)
    else:
        request = http.build_request("GET", path, headers=headers)
    answer = await http.send(request, stream=True)
    async for piece in answer.aiter_raw():
        size += len(piece)
    await answer.aclose()
    asked.answers[answer.status_code] += 1
    asked.largest = max(asked.largest, size)
    asked.seconds = max(asked.seconds, time.perf_counter() - begun)


def _reset_peak(service: subprocess.Popen) -> None:
    """Linux: the peak of the resident memory begins again at what is resident now."""
    Path(f"/proc/{service.pid}/clear_refs").write_text("5")


def peak(service: subprocess.Popen) -> float:
    """MB."""
    lines = Path(f"/proc/{service.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else AT_ONCE
    with tempfile.TemporaryDirectory(prefix="callkeeper-bench-") as temporary:
        for route, asked in ask(Path(temporary), count).items():
            print(
                f"{route[:40]:42} peak +{asked.growth:.0f} MB, stays +{asked.stays:.0f}, {dict(asked.answers)}", end=" "
            )
            print(f"{asked.largest / 1e6:.1f} MB {asked.seconds:.1f} s", flush=True)
