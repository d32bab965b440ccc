"""`make demo`: both processes start, calls arrive, Ctrl-C ends everything."""

import re
import signal
import subprocess
import sys

import httpx
import pytest

from tests.flow.service import free_port
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.anyio

A_CALL = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d  [0-9a-f-]{36}  v\d", re.MULTILINE)


@pytest.fixture
def demo(tmp_path):
    """The command, its output in a file, on a port of its own."""
    port, out = free_port(), tmp_path / "demo.txt"
    command = [sys.executable, "-m", "app", "demo", "--days", "5", "--port", str(port)]
    with out.open("wb") as file, subprocess.Popen(command, cwd=tmp_path, stdout=file, stderr=file) as process:
        yield process, out, f"http://127.0.0.1:{port}"
        if process.poll() is None:
            process.terminate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_calls_arrive_until_it_is_stopped(demo, number):
    process, out, url = demo
    await until(lambda: len(A_CALL.findall(out.read_text())) >= 5, details=out.read_text)
    said = out.read_text()
    assert url in said
    assert "Ran: callkeeper directory import" in said
    key = re.search(r"API key +(\S+)", said)[1]
    graph = re.search(r"Simulated Graph +(\S+)", said)[1]
    async with httpx.AsyncClient(headers={"X-API-Key": key}, trust_env=False, timeout=PATIENCE) as http:
        calls = (await http.get(f"{url}/api/calls")).json()["items"]
        assert len(calls) >= 5
        process.send_signal(number)
        await until(lambda: process.poll() is not None, details=out.read_text)
        for gone in (url, graph):
            with pytest.raises(httpx.ConnectError):
                await http.get(gone)
    assert process.returncode == 0
    assert out.read_text().endswith("stopped.\n")
    assert "Traceback" not in out.read_text()
