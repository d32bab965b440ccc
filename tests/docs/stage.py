"""Where pages' commands run: a copy of the project, with the settings for a simulated Graph.

What is not as written on the page stands in SUBSTITUTES and in VARIABLES, and nowhere else.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.docs import pages

# The port is free on any machine that runs the tests; the folder of the installation is the copy.
SUBSTITUTES = {
    "localhost:8000": "localhost:{port}",
    "127.0.0.1:8000": "127.0.0.1:{port}",
    "--port 8000": "--port {port}",
    "/opt/callkeeper": "{folder}",
}
# The settings that an operator has in .env, and DATABASE_URL's default: SQLite in the folder's data/. A make that runs
# these tests says so to the make of a page, which would then print more than it does for a person.
VARIABLES = {
    "DATABASE_URL": None,
    "API_KEY": None,
    "MAKEFLAGS": None,
    "MAKELEVEL": None,
    "MFLAGS": None,
    "PYTHONDONTWRITEBYTECODE": "1",
}

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "data", ".env", "tests", "bench", "__pycache__", ".*_cache", ".hypothesis", "node_modules"
)


class Stage:
    """One copy; a page's commands run in it as one script that ends at the first that fails."""

    def __init__(self, folder, port, variables):
        self.folder = folder
        self.port = port
        self.url = f"http://localhost:{port}"
        self._variables = {**variables, "PATH": f"{folder}/.venv/bin{os.pathsep}{os.environ['PATH']}"}

    def run(self, text):
        """What came of the script: its status and all that it printed."""
        return subprocess.run(
            self._script(text),
            cwd=self.folder,
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def started(self, text, log):
        """What runs until it is stopped, its output in a file; it and all that it started are gone in the end."""
        with log.open("ab") as out:
            process = subprocess.Popen(
                self._script(text), cwd=self.folder, env=self._variables, stdout=out, stderr=out, start_new_session=True
            )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(15)

    def _script(self, text):
        for written, instead in SUBSTITUTES.items():
            text = text.replace(written, instead.format(port=self.port, folder=self.folder))
        return ["bash", "-euo", "pipefail", "-c", text]


def a_copy(folder, callkeeper):
    """The project's files, with this environment as its .venv; ``callkeeper`` is the text of that program."""
    shutil.copytree(pages.ROOT, folder, ignore=_LEFT_OUT)
    _link(Path(sys.prefix), folder / ".venv", "bin", "installed", "installed-dev")
    _link(Path(sys.prefix) / "bin", folder / ".venv" / "bin", "callkeeper")
    program = folder / ".venv" / "bin" / "callkeeper"
    program.write_text(callkeeper)
    program.chmod(0o755)
    for done in ("installed", "installed-dev"):
        (folder / ".venv" / done).touch()
    return folder


def _link(there, here, *but):
    here.mkdir()
    for part in there.iterdir():
        if part.name not in but:
            (here / part.name).symlink_to(part)
