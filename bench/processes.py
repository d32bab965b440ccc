"""Starting and stopping what is measured; every process is ended by its own id."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
TENANT = "7e57ab1e-0000-4000-8000-000000000001"
KEY = "the key of the benchmark"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(*command: str, environment: dict[str, str] | None = None, **more):
    started = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=os.environ | (environment or {}), **more)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def settings(database_url: str, port: int, graph: dict[str, str] | None = None) -> dict[str, str]:
    """The service's environment; without a Graph it has an address at which no process listens."""
    url = graph["url"] if graph else "http://127.0.0.1:9"
    return {
        "AZURE_TENANT_ID": graph["tenant_id"] if graph else TENANT,
        "AZURE_CLIENT_ID": graph["client_id"] if graph else TENANT,
        "AZURE_CLIENT_SECRET": graph["client_secret"] if graph else "not-used",
        "AZURE_AUTHORITY_HOST": url,
        "GRAPH_BASE_URL": url,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database_url,
        "API_KEY": KEY,
        "LOG_LEVEL": "error",
        "GRAPH_RATE": "1000000/1s",
    } | ({"SSL_CERT_FILE": graph["ca_file"]} if graph else {})


def wait_for_port(port: int, started: subprocess.Popen, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if started.poll() is not None:
            raise RuntimeError(f"ended with {started.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("did not listen in time")


def load(port: int, *, connections: int, requests: int, items: int, client_state: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.load", str(port), "/graph/notifications", str(connections)]
    command += [str(requests), str(items), client_state, TENANT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=180)
    return json.loads(done.stdout)


def rss(started: subprocess.Popen) -> float:
    """Resident memory in MB."""
    return psutil.Process(started.pid).memory_info().rss / 1e6
