"""The edge and the settings file: what a collector in another container needs to meet this world."""

import json
import socket
import ssl
import subprocess
import sys

import aiohttp
import pytest
from aiohttp import web

from app.simulator.edge import Edge


@pytest.fixture
async def plain():
    """A service without TLS that says what it was sent."""

    async def echo(request):
        return web.Response(body=await request.read())

    app = web.Application(client_max_size=2**24)
    app.router.add_post("/", echo)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner
    await runner.cleanup()


@pytest.fixture
async def edge(running, plain):
    edge = Edge("127.0.0.1", 0, plain.addresses[0], running.tls)
    await edge.listen()
    yield edge
    await edge.stop()


@pytest.mark.anyio
async def test_what_comes_by_tls_goes_on_as_it_is_and_so_does_the_answer(client, edge):
    for body in (b"a", bytes(range(256)) * 3_000):
        async with client.session.post(f"https://localhost:{edge.port}/", data=body) as answer:
            assert await answer.read() == body


@pytest.mark.anyio
async def test_a_service_that_is_not_there_is_a_closed_connection_until_it_is(client, edge, plain):
    listening, edge.target = edge.target, ("127.0.0.1", 1)
    with pytest.raises(aiohttp.ClientError):
        await client.session.post(f"https://localhost:{edge.port}/", data=b"a")
    edge.target = listening
    async with client.session.post(f"https://localhost:{edge.port}/", data=b"a") as answer:
        assert answer.status == 200


@pytest.mark.anyio
async def test_a_stopped_edge_holds_no_connection(client, edge):
    async with client.session.post(f"https://localhost:{edge.port}/", data=b"a") as answer:
        assert answer.status == 200
    await edge.stop()
    assert not edge.open


@pytest.fixture
def command(tmp_path, monkeypatch):
    for name in ("AZURE_TENANT_ID", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    arguments = [sys.executable, "-m", "app.simulator", "--port", "0", "--ca-file", str(tmp_path / "ca.pem")]
    arguments += ["--name", "simulator", "--edge", "0:127.0.0.1:1", "--settings-file", str(tmp_path / "settings.env")]
    return [*arguments, "--also", "API_KEY=demo"]


def test_the_settings_are_there_while_it_runs(command, tmp_path):
    file = tmp_path / "settings.env"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = json.loads(process.stdout.readline())
        assert oct(file.stat().st_mode & 0o777) == "0o600"
        settings = dict(line.split("=", 1) for line in file.read_text().splitlines())
        process.terminate()
    assert settings["AZURE_TENANT_ID"] == line["tenant_id"]
    assert settings["GRAPH_BASE_URL"] == settings["AZURE_AUTHORITY_HOST"] == line["url"]
    assert line["url"].startswith("https://simulator:")
    assert settings["PUBLIC_URL"].startswith("https://simulator:")
    assert (settings["SSL_CERT_FILE"], settings["API_KEY"]) == (line["ca_file"], "demo")
    assert not file.exists()


def test_settings_of_a_world_that_was_killed_are_taken_away_before_the_next_one_listens(command, tmp_path):
    file = tmp_path / "settings.env"
    file.write_text("AZURE_TENANT_ID=old\n")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        assert "old" not in file.read_text()
        process.terminate()


@pytest.mark.parametrize("name", ["AZURE_TENANT_ID", "AZURE_CLIENT_SECRET_FILE", "PUBLIC_URL"])
def test_a_demo_does_not_run_beside_real_settings(command, tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "s3cret")
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{name} set in the environment: unset these settings of the real Graph first")
    assert "s3cret" not in ended.stderr
    assert not (tmp_path / "settings.env").exists()


def test_its_certificate_is_for_the_name_it_is_reached_by(command, tmp_path):
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        port = int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="simulator") as secured,
        ):
            assert secured.version() in {"TLSv1.2", "TLSv1.3"}
        process.terminate()
