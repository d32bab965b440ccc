"""docs/containers.md, as a reader would follow it: its blocks in their order, in one folder."""

import subprocess

import pytest

from tests.container.stage import Stage
from tests.docs import pages
from tests.flow.service import free_port

MARK = "run by tests/container/test_the_page_of_containers.py"


@pytest.fixture
def reader(project, image):
    """A shell in the project; what it starts has a name and a port of its own."""
    stage = Stage(project, "page", free_port())
    (project / ".env.example").write_text((pages.ROOT / ".env.example").read_text())

    def run(block):
        script = block.text.replace("127.0.0.1:8000", f"127.0.0.1:{stage.port}")
        environment = stage.environment | {"COMPOSE_PROJECT_NAME": stage.name}
        command = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)

    yield run
    stage.remove()
    for name in (".env", *(f"secrets/{file}" for file in ("database_password", "api_key", "azure_client_secret"))):
        (project / name).unlink(missing_ok=True)
    (project / "secrets").rmdir()


def test_its_commands_do_what_it_says(reader):
    blocks = [block for block in pages.blocks("docs/containers.md") if block.mark == MARK]
    assert len(blocks) == 5
    said = []
    for block in blocks:
        done = reader(block)
        assert done.returncode == 0, f"{block.place}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout)
    assert "Bearer callkeeper-demo-key-not-secret" in said[0]
    assert '"items"' in said[1]
