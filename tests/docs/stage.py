"""Where pages' commands run: a copy of the project beside a simulated Graph, and a running service.

What is not as written on the page stands in SUBSTITUTES and in VARIABLES, and nowhere else.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from tests.docs import pages
from tests.flow import service as flow
from tests.flow.waiting import until

# The port is free on any machine that runs the tests; the folder of the installation is the copy.
SUBSTITUTES = {
    "localhost:8000": "localhost:{port}",
    "127.0.0.1:8000": "127.0.0.1:{port}",
    "--port 8000": "--port {port}",
    "/opt/callkeeper": "{folder}",
}
# The settings that an operator has in .env, and DATABASE_URL's default: SQLite in the folder's data/.
VARIABLES = {"DATABASE_URL": None, "API_KEY": None, "LOG_FORMAT": None, "PYTHONDONTWRITEBYTECODE": "1"}

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "data", ".env", "tests", "bench", "__pycache__", ".*_cache", ".hypothesis", "node_modules"
)


class Stage:
    """One copy; ``await stage.run(text)`` runs a page's commands in it as one script."""

    def __init__(self, folder, port, variables):
        self.folder = folder
        self.port = port
        self.url = f"http://localhost:{port}"
        self.variables = {**variables, "PATH": f"{folder}/.venv/bin{os.pathsep}{os.environ['PATH']}"}

    def as_run(self, text):
        for written, instead in SUBSTITUTES.items():
            text = text.replace(written, instead.format(port=self.port, folder=self.folder))
        return text

    @asynccontextmanager
    async def started(self, text, log):
        """The commands' process, its output in a file; it and all that it started are gone in the end."""
        script = ["bash", "-euo", "pipefail", "-c", self.as_run(text)]
        with log.open("ab") as out:
            process = subprocess.Popen(
                script, cwd=self.folder, env=self.variables, stdout=out, stderr=out, start_new_session=True
            )
        try:
            yield process
        finally:
            await _ended(process)

    async def serving(self, process, log):
        """Return once the service answers, and fail at once if it ended instead."""
        async with httpx.AsyncClient(trust_env=False) as http:
            await until(lambda: process.poll() is not None or self._healthy(http), told=log.read_text)
        assert process.poll() is None, log.read_text()

    async def _healthy(self, http):
        try:
            return (await http.get(f"{self.url}/healthz")).status_code == 200
        except httpx.TransportError:
            return False


async def _ended(process):
    """The simulated Graph lives in this very process: it must go on answering what is being stopped."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(AssertionError):
            await until(lambda: process.poll() is not None, seconds=10)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def prepare(folder, running, ca_file):
    """A copy of the project with this environment as its .venv, and the settings for the simulated Graph."""
    port = flow.free_port()
    shutil.copytree(pages.ROOT, folder, ignore=_LEFT_OUT)
    (folder / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith(("installed", ".")):
            (folder / ".venv" / part.name).symlink_to(part)
    for done in ("installed", "installed-dev"):
        (folder / ".venv" / done).touch()
    changes = {"PUBLIC_URL": f"http://localhost:{port}", **VARIABLES}
    return Stage(folder, port, flow.environment(running, ca_file, None, **changes))
