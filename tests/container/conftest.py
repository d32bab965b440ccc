"""The image and the compose file, built and run by whatever docker is there: `make test-container`, never `make test`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.container.stage import Stage
from tests.flow.service import free_port

PROJECT = Path(__file__).parents[2]
NOT_OURS = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")
NOT_OURS_AT_THE_TOP = {".env", "data", "secrets", "tests", "bench"}  # folders of app/ have some of these names

if not os.environ.get("CONTAINER_TESTS"):
    collect_ignore_glob = ["test_*.py"]  # they need minutes and a docker


def pytest_terminal_summary(terminalreporter):
    """The figures that tests measured: record_property(what, figure)."""
    for report in terminalreporter.stats.get("passed", ()):
        for what, figure in report.user_properties:
            terminalreporter.write_line(f"{what}: {figure}")


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A copy of the project, without the settings and secrets of whoever runs this."""
    try:
        subprocess.run(["docker", "compose", "version"], check=True, capture_output=True)
        subprocess.run(["docker", "version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"") or str(error).encode()
        pytest.skip(f"NOTHING WAS TESTED: no docker with compose that answers ({said.decode().strip()})")
    copy = tmp_path_factory.mktemp("project") / "callkeeper"
    shutil.copytree(PROJECT, copy, ignore=_left_out)
    return copy


def _left_out(folder, names):
    return NOT_OURS(folder, names) | (NOT_OURS_AT_THE_TOP if Path(folder) == PROJECT else set())


@pytest.fixture(scope="session")
def image(project):
    """The name of the image, newly built."""
    Stage(project, "image", 0).compose("build", "web")
    return "callkeeper"


@pytest.fixture(scope="session")
def demo(project, image):
    """The demo profile, running: everything, and no .env."""
    stage = Stage(project, "demo", free_port())
    try:
        stage.up("--profile", "demo")
        yield stage
    finally:
        stage.remove()


@pytest.fixture
def stage(project, image):
    """A project of its own in which nothing runs yet."""
    stage = Stage(project, "stage", free_port())
    yield stage
    stage.remove()
