"""A service that works: the doctor finds nothing, beside a real `serve` and beside the demo."""

import signal
import subprocess
import sys

import psutil
import pytest

from app.doctor.run import run_checks
from tests.doctor.patient import Findings, assert_nothing_private
from tests.flow.conftest import ca_file, key, running, serve, start  # noqa: F401 -- fixtures
from tests.flow.service import environment, free_port
from tests.sample_settings import set_only
from tests.waiting import until

pytestmark = pytest.mark.anyio


async def test_nothing_is_wrong_beside_a_service(serve, running, ca_file, database_url, monkeypatch, tmp_path):  # noqa: F811
    service = await serve(database_url=database_url)
    await until(lambda: service.program.events("reconciled"), details=service.program.text)
    await until(lambda: service.program.events("subscription_ensured"), details=service.program.text)
    settings = environment(running, ca_file, database_url, PUBLIC_URL=service.url)
    set_only(monkeypatch, tmp_path, settings)
    findings = Findings(await run_checks())
    assert findings.not_ok() == []
    assert_nothing_private(repr(findings), settings)


@pytest.fixture
def demo(tmp_path):
    port, out = free_port(), tmp_path / "demo.txt"
    command = [sys.executable, "-m", "app", "demo", "--port", str(port)]
    with out.open("wb") as file, subprocess.Popen(command, cwd=tmp_path, stdout=file, stderr=file) as process:
        yield process, out
        process.send_signal(signal.SIGINT)


async def test_nothing_is_wrong_with_the_demo(demo, monkeypatch, tmp_path):
    process, out = demo
    await until(lambda: "  v1  " in out.read_text(), details=out.read_text)
    (service,) = [one for one in psutil.Process(process.pid).children() if "serve" in one.cmdline()]
    set_only(monkeypatch, tmp_path, service.environ())

    async def well():
        return Findings(await run_checks()).not_ok() == []

    await until(well)
