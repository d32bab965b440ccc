"""The command: one line when it listens, and a prompt end."""

import json
import signal
import socket
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
def test_it_says_where_it_listens_and_stops_cleanly_on_request(command, number):
    line = json.loads(command.stdout.readline())
    assert {"url", "ca_file", "tenant_id", "client_id", "client_secret"} <= set(line)
    context = ssl.create_default_context(cafile=line["ca_file"])
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    with opener.open(f"{line['url']}/{line['tenant_id']}/v2.0/.well-known/openid-configuration") as answer:
        assert json.load(answer)["token_endpoint"].startswith(line["url"])
    command.send_signal(number)
    output, errors = command.communicate(timeout=60)
    assert (command.returncode, output, errors) == (0, "", "")


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = [sys.executable, "-m", "app.simulator", "--port", str(port), "--ca-file", str(tmp_path / "ca.pem")]
        ended = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"cannot listen on 127.0.0.1 port {port}")
    assert ended.stderr.count("\n") == 1
