"""A simulated Graph with a few calls in it, and a service beside it that was started as README.md says."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from tests.docs import pages, warm
from tests.docs.stage import VARIABLES, Stage, a_copy
from tests.flow.service import environment, free_port
from tests.waiting import wait_until


@pytest.fixture(scope="session")
def graph(tmp_path_factory):
    """What its one line of JSON says: where it is, and what a client needs."""
    ca_file = tmp_path_factory.mktemp("graph") / "ca.pem"
    command = [sys.executable, "-m", "app.simulator", "--port", "0", "--demo", "--demo-days", "5"]
    command += ["--ca-file", str(ca_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=pages.ROOT) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture(scope="session")
def callkeeper():
    """The text of a program that stands for the command: a path longer than 100 characters is no socket's."""
    with tempfile.TemporaryDirectory(prefix="callkeeper-") as folder:
        path = Path(folder) / "warm"
        command = [sys.executable, "-m", "tests.docs.warm", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=pages.ROOT) as process:
            assert process.stdout.readline() == b"ready\n"
            yield warm.client(path)
            process.terminate()


@pytest.fixture(scope="session")
def stage(graph, callkeeper, tmp_path_factory):
    port = free_port()
    running = SimpleNamespace(url=graph["url"], world=SimpleNamespace(**graph))
    changes = {"PUBLIC_URL": f"http://localhost:{port}", **VARIABLES}
    folder = a_copy(tmp_path_factory.mktemp("stage") / "callkeeper", callkeeper)
    return Stage(folder, port, environment(running, graph["ca_file"], None, **changes))


@pytest.fixture(scope="session")
def log(tmp_path_factory):
    """What the service says."""
    return tmp_path_factory.mktemp("log") / "serve.log"


@pytest.fixture(scope="session")
def collecting(stage, log):
    """The stage, once the service on it has collected what there was."""
    written = next(b.text for b in pages.blocks("README.md") if "callkeeper serve" in b.text)
    with stage.started(written, log) as process:
        with httpx.Client(base_url=stage.url, trust_env=False) as http:
            wait_until(lambda: process.poll() is not None or _is_collecting(http), details=log.read_text)
        assert process.poll() is None, log.read_text()
        yield stage


def _is_collecting(http):
    """Graph has a subscription, and the calls of the days before are in the archive."""
    try:
        ready = http.get("/readyz").status_code == httpx.codes.OK
        stored = re.search(r"^callkeeper_records_stored_total\S* (\d+)", http.get("/metrics").text, re.MULTILINE)
    except httpx.TransportError:
        return False
    return ready and stored is not None and int(stored[1]) > 5


@pytest.fixture
def http(collecting):
    with httpx.Client(base_url=collecting.url, trust_env=False) as http:
        yield http
