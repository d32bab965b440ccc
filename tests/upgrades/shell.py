"""A shell in a folder of its own, with the settings of the simulated Graph and `callkeeper` among its commands."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.flow.service import environment

SCRIPTS = Path(sys.executable).parent


@pytest.fixture
def run(running, ca_file, tmp_path):
    """Runs lines of a shell to their end, where `callkeeper` is a command: what they printed."""

    async def run(lines, *, database_url, status=0, **settings):
        found = environment(running, ca_file, database_url, LOG_LEVEL="warning", **settings)
        found["PATH"] = f"{SCRIPTS}:{found.get('PATH', '')}"
        pipe = asyncio.subprocess.PIPE
        shell = await asyncio.create_subprocess_exec(
            "sh", "-ec", lines, cwd=tmp_path, env=found, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await shell.communicate()
        assert shell.returncode == status, said.decode()
        return said.decode()

    return run
