"""What is in the image and what is not."""

import json
import tomllib

import pytest

from tests.container.stage import docker, until

LARGEST = 120_000_000  # bytes above python:3.13-slim
BASE = "python:3.13-slim"
TENANT = "11111111-2222-3333-4444-555555555555"
SETTINGS = [
    f"--env=AZURE_TENANT_ID={TENANT}",
    f"--env=AZURE_CLIENT_ID={TENANT}",
    "--env=AZURE_CLIENT_SECRET=x",
    "--env=PUBLIC_URL=https://callkeeper.example.com",
]


def size(name):
    layers = docker("history", "--human=false", "--format", "{{.Size}}", name).stdout.split()
    return sum(map(int, layers))


@pytest.fixture
def config(image):
    return json.loads(docker("image", "inspect", image).stdout)[0]["Config"]


def run(image, *command):
    return docker("run", "--rm", "--read-only", "--cap-drop", "ALL", *command[:-1], image, *command[-1], check=False)


def shell(image, script):
    return docker("run", "--rm", "--entrypoint", "sh", image, "-c", script).stdout


def test_it_adds_little_to_its_base(image, record_property):
    above = size(image) - size(BASE)
    record_property("MB above the base", round(above / 1e6, 1))
    assert above <= LARGEST


def test_dependencies_are_a_layer_that_a_change_of_the_program_leaves_alone(image):
    steps = docker("history", "--no-trunc", "--format", "{{.Size}} {{.CreatedBy}}", image).stdout
    large = [line for line in steps.splitlines() if "COPY /venv" in line or "COPY /app" in line]
    assert [line.split("COPY ")[1].split()[0] for line in large] == ["/app", "/venv"]  # newest first


def test_a_stop_drains_and_health_is_asked_for(config):
    assert config["StopSignal"] == "SIGTERM"
    assert config["Entrypoint"] == ["callkeeper"]
    assert config["Healthcheck"]["Test"][0] == "CMD"


def test_labels_say_what_it_is(config, project):
    version = tomllib.loads((project / "pyproject.toml").read_text())["project"]["version"]
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["Labels"].items()}
    assert {"title", "description", "licenses", "revision", "created"} <= set(labels)
    assert labels["version"] == version


def test_the_user_is_an_unprivileged_one_and_always_the_same(image, config):
    assert config["User"] == "10001:10001"
    assert shell(image, "id -u; id -g; stat -c %u /data").split() == ["10001"] * 3
    assert shell(image, "find /app /venv -writable -not -type l").split() == []


def test_nothing_is_left_of_the_building(image):
    assert shell(image, "command -v gcc cc ld strip make || true") == ""
    found = shell(image, "ls -d /venv/lib/python*/site-packages/pip ~root/.cache /data/.cache 2>/dev/null || true")
    assert found == ""
    assert shell(image, "find /venv /app -type d \\( -name tests -o -name test \\)") == ""


def test_every_module_is_compiled_already(image):
    script = "find /venv/lib /app/app -name '*.py' | wc -l; find /venv/lib /app/app -name '*.pyc' | wc -l"
    sources, compiled = map(int, shell(image, script).split())
    assert compiled >= sources > 0


@pytest.mark.parametrize("command", [["--help"], ["serve", "--help"]])
def test_commands_run_where_nothing_can_be_written(image, command):
    assert "Usage" in run(image, command).stdout


@pytest.fixture
def volume():
    name = docker("volume", "create").stdout.strip()
    yield name
    docker("volume", "rm", name)


def test_a_database_file_is_kept_in_the_volume_and_nowhere_else(image, volume):
    done = run(image, "--volume", f"{volume}:/data", *SETTINGS, ["migrate"])
    assert (done.returncode, done.stderr) == (0, "")
    listed = docker("run", "--rm", "-v", f"{volume}:/data", "--entrypoint", "ls", image, "/data").stdout
    assert "callkeeper.db" in listed


def hears_sigterm(container):
    """Whether the first process asked for the signal: bit 15 of the mask that the kernel shows."""
    shown = docker("exec", container, "grep", "SigCgt", "/proc/1/status", check=False).stdout.split()
    return bool(shown) and bool(int(shown[1], 16) & 1 << 14)


@pytest.mark.parametrize(("line", "status"), [("", "143"), ('"serving"', "0")])
def test_a_stop_is_heard_before_the_program_listens_and_after(image, volume, line, status):
    container = docker("run", "--detach", "--volume", f"{volume}:/data", *SETTINGS, image).stdout.strip()
    try:
        until(lambda: hears_sigterm(container))
        until(lambda: line in docker("logs", container).stdout + docker("logs", container).stderr)
        docker("stop", "--time", "30", container)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip() == status
    finally:
        docker("rm", "--force", container)


def test_what_is_missing_is_one_line(image):
    done = run(image, ["serve"])
    assert done.returncode == 1
    assert done.stderr.startswith("callkeeper: AZURE_TENANT_ID: is missing")
    assert done.stderr.count("\n") == 1
