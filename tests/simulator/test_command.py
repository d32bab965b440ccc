"""The command: one line when it listens, and a prompt end."""

import json
import signal
import ssl
import subprocess
import sys
import urllib.request

import pytest


@pytest.fixture
def command(tmp_path):
    ca_file = tmp_path / "ca.pem"
    arguments = [sys.executable, "-m", "app.simulator", "--port", "0", "--ca-file", str(ca_file), "--demo"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_cleanly_when_told(command, number):
    line = json.loads(command.stdout.readline())
    assert {"url", "ca_file", "tenant_id", "client_id", "client_secret"} <= set(line)
    context = ssl.create_default_context(cafile=line["ca_file"])
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    with opener.open(f"{line['url']}/{line['tenant_id']}/v2.0/.well-known/openid-configuration") as answer:
        assert json.load(answer)["token_endpoint"].startswith(line["url"])
    command.send_signal(number)
    output, errors = command.communicate(timeout=5)
    assert (command.returncode, output, errors) == (0, "", "")
