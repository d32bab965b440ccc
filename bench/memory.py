"""Memory: the idle service, the service while it collects a meeting of 3,000 sessions and 2,900 participants, a worker
that collects records of 50 MB, and a process that derives them again or erases a person from them.
"""

import json
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench import databases, large_archived, large_record
from bench.processes import KEY, free_port, process, rss, settings, wait_for_port
from bench.report import Row

SESSIONS, PARTICIPANTS = 3000, 2900
IDLE_FOR = 5  # seconds


def run(folder: Path) -> list[Row]:
    simulator = ("app.simulator", "--port", "0", "--ca-file", str(folder / "ca.pem"))
    with process(*simulator, stdout=subprocess.PIPE) as simulated:
        graph = json.loads(simulated.stdout.readline())
        url, port = databases.sqlite(folder), free_port()
        service = ("app", "serve", "--port", str(port))
        with process(*service, environment=settings(url, port, graph)) as started:
            wait_for_port(port, started)
            _until(lambda: _status(port)["subscription"]["live"], 30)
            time.sleep(IDLE_FOR)
            idle = rss(started)
            meeting = _make_meeting(graph)
            _until(lambda: _is_stored(port, meeting), 150)
            peak = _peak(started)
    return [
        Row("idle service: RSS in MB", idle, "<=", 105),
        Row("idle worker: RSS in MB", _idle_worker(folder), "<=", 85),
        Row("meeting of 3,000 sessions: peak RSS above idle in MB", peak - idle, "<=", 300),
        *_large_records(folder),
        *_archived_records(folder),
    ]


def _idle_worker(folder: Path) -> float:
    with process("app", "worker", environment=settings(databases.sqlite(folder), 8000)) as started:
        time.sleep(IDLE_FOR + 5)
        return rss(started)


def _large_records(folder: Path) -> Iterator[Row]:
    for form in large_record.FORMS:
        for count in (1, 4):
            figures = large_record.measured(form, 50, count, f"sqlite:///{folder}/large-{form}-{count}.db")
            what = f"worker with {count} record{'s' if count > 1 else ''} of 50 MB ({large_record.FORMS[form]})"
            yield Row(f"{what}: peak RSS above idle in MB", figures["peak"] - figures["idle"], "<=", 250)
            yield Row(f"{what}: RSS above idle afterwards in MB", figures["after"] - figures["idle"], "<=", 30)


def _archived_records(folder: Path) -> Iterator[Row]:
    for work, does in (("derive", "derived again"), ("erase", "searched and rewritten to erase a person")):
        for form in ("ascii", "meeting"):
            figures = large_archived.measured(work, form, 50, folder)
            what = f"record of 50 MB ({large_archived.FORMS[form]}) that is {does}"
            yield Row(f"{what}: peak RSS above idle in MB", figures["peak"] - figures["idle"], "<=", 150)


def _make_meeting(graph: dict[str, str]) -> str:
    recipe = {"count": 1, "kind": "meeting", "participants": PARTICIPANTS, "sessions": SESSIONS}
    answer = _ask(f"{graph['url']}/_control/calls", json.dumps(recipe).encode(), graph["ca_file"])
    return answer["ids"][0] if isinstance(answer, dict) else answer[0]


def _is_stored(port: int, call_id: str) -> bool:
    calls = _ask(f"http://127.0.0.1:{port}/api/calls")["items"]
    return any(call["id"] == call_id and call["session_count"] == SESSIONS for call in calls)


def _status(port: int) -> dict:
    return _ask(f"http://127.0.0.1:{port}/api/status")["tenants"][0]


def _ask(url: str, body: bytes | None = None, ca_file: str | None = None):
    request = urllib.request.Request(url, body, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    with urllib.request.urlopen(request, timeout=60, context=context) as response:
        return json.load(response)


def _until(condition, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the service did not get there in time")
        time.sleep(0.2)


def _peak(started: subprocess.Popen) -> float:
    """The most that was ever resident, in MB, as Linux keeps it."""
    status = Path(f"/proc/{started.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6
