"""Callkeeper's own processes: started, watched and ended by their own ids.

A start from nothing costs seconds of imports. Tests that start dozens fork them from a process that has imported
everything; the others run the command as a person does.
"""

import json
import multiprocessing
import os
import signal
import subprocess
import sys

from tests.waiting import until

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    [
        "pytest",
        "aiohttp",
        "alembic.command",
        "app.cli.shared.running",
        "app.runtime.serve",
        "sqlalchemy.dialects.postgresql.asyncpg",
        "sqlalchemy.dialects.sqlite.aiosqlite",
    ]
)


class Program:
    """One process of ours, its log lines in a file."""

    def __init__(self, arguments, environment, folder, log):
        self.log = log
        self.killed = False
        self._start(arguments, environment, folder)

    def _start(self, arguments, environment, folder):
        command = [sys.executable, "-m", "app", *arguments]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(command, env=environment, cwd=folder, stdout=out, stderr=out)

    @property
    def pid(self):
        return self._process.pid

    @property
    def status(self):
        """What it exited with; None while it lives."""
        return self._process.poll()

    def send(self, number):
        os.kill(self.pid, number)

    async def kill(self):
        """At once and without a word, as when the power fails."""
        self.killed = True
        if self.status is None:
            self.send(signal.SIGKILL)
        await self.ended()

    async def ended(self):
        """What it exited with, once it has."""
        await until(lambda: self.status is not None, details=self.text)
        return self.status

    def text(self):
        return self.log.read_text() if self.log.exists() else ""

    def events(self, name=None):
        """Its log lines; what a kill cut off is left out."""
        lines = [line for line in self.text().splitlines(keepends=True) if line.endswith("\n") or not self.killed]
        events = [json.loads(line) for line in lines]
        return [event for event in events if name in (None, event["event"])]


class Fork(Program):
    """The same from a process that has imported everything: it starts in a tenth of the time."""

    def _start(self, arguments, environment, folder):
        self._process = _forks.Process(target=_begin, args=(arguments, environment, str(folder), str(self.log)))
        self._process.start()

    @property
    def status(self):
        return self._process.exitcode


def _begin(arguments, environment, folder, log):
    from app.cli import main  # noqa: PLC0415 -- in the new process

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = ["callkeeper", *arguments]
    main()
