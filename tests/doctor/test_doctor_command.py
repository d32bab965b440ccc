"""`callkeeper doctor` as a person and a program run it: lines, JSON, exit status."""

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress

import anyio
import orjson
import pytest

from app.doctor.finding import CHECKS
from tests.doctor.patient import assert_nothing_private
from tests.flow.service import free_port
from tests.some import some

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

LINE = re.compile(r"^(✓ ok      |! warning |✗ failed  |– skipped ) ([a-z_]+) +(\S.*)$")  # noqa: RUF001


@pytest.fixture
async def run(patient, tmp_path):
    async def run(*arguments, **changes):
        settings = patient.environment(**changes)
        environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        command = [sys.executable, "-m", "app", "doctor", *arguments]
        done = await anyio.run_process(command, env=environment | settings, cwd=tmp_path, check=False)
        assert_nothing_private(done.stdout.decode() + done.stderr.decode(), settings)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


async def test_a_line_for_each_check_and_status_0(run):
    status, out, err = await run()
    lines = [LINE.match(line) for line in out.splitlines()]
    assert [line[2] for line in lines] == list(CHECKS)
    assert (status, err) == (0, "")
    assert "\x1b" not in out


async def test_a_failure_says_what_to_do_and_exits_1(run):
    status, out, err = await run(PUBLIC_URL=f"http://127.0.0.1:{free_port()}")
    (line,) = [line for line in out.splitlines() if " public_url " in line]
    assert line.startswith("✗ failed")
    assert "→ start `callkeeper serve`" in line
    assert status == 1
    assert err == "callkeeper: 2 checks failed. Fix the first one, then run doctor again.\n"


async def test_a_warning_leaves_the_status_at_0(run):
    status, out, _ = await run(API_KEY=None)
    assert "! warning  api_key" in out
    assert status == 0


async def test_wrong_settings_are_lines_like_the_others(run):
    status, out, err = await run(PUBLIC_URL="ftp://example.com", AZURE_CLIENT_ID="x")
    first, *rest = out.splitlines()
    assert "PUBLIC_URL" in first
    assert "AZURE_CLIENT_ID" in first
    assert all("skipped  " in line and line.endswith("needs settings") for line in some(rest))
    assert (status, "Traceback" in err) == (1, False)


async def test_json_has_the_same_checks(run):
    status, out, _ = await run("--json", AZURE_CLIENT_SECRET="s3cret-of-nobody")
    checks = orjson.loads(out)
    assert [check["check"] for check in checks] == list(CHECKS)
    login = next(check for check in checks if check["check"] == "login")
    assert login.keys() == {"check", "state", "found", "remedy", "tenant_id"}
    assert login["state"] == "failed"
    assert "tenant_id" not in checks[0]
    assert status == 1


async def test_a_pipe_that_knows_ascii_alone_gets_its_lines(run):
    status, out, _ = await run(PYTHONIOENCODING="ascii")
    assert (status, len(out.splitlines())) == (0, len(CHECKS))


async def test_a_terminal_gets_colours(patient, tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    settings = {"TERM": "xterm-256color", "COLUMNS": "80"} | patient.environment()
    shown = await anyio.to_thread.run_sync(_on_a_terminal, kept | settings, tmp_path)
    assert "\x1b[32m✓ ok" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert plain.count("\r\n") == len(CHECKS)


def _on_a_terminal(environment, folder):
    """What the command writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "app", "doctor"]
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        read = bytearray()
        with suppress(OSError):  # the other end is closed
            while part := os.read(ours, 65536):
                read += part
        os.close(ours)
        process.wait(30)
    return read.decode()


async def test_nothing_answers_and_it_still_comes_to_an_end(run):
    """Every host takes the connection and says nothing; the slowest limit is Graph's ten seconds."""
    with anyio.fail_after(30):
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as silent:
            port = silent.extra(anyio.abc.SocketAttribute.local_port)
            status, out, _ = await run(
                PUBLIC_URL=f"http://127.0.0.1:{port}",
                AZURE_AUTHORITY_HOST=f"https://127.0.0.1:{port}",
                GRAPH_BASE_URL=f"https://127.0.0.1:{port}",
                DATABASE_URL=f"postgresql://u:p@127.0.0.1:{port}/calls",
            )
    assert status == 1
    for name in ("database", "login_host", "graph_host", "public_url"):
        assert re.search(rf"^✗ failed +{name} .*(does not answer|no answer)", out, re.MULTILINE), out
