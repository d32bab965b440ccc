"""A second process that reads records into rows while the worker fetches and stores others.

Reading is a fifth of the work for a record of 8 KB and half of it for one of 200 KB, and one Python process uses one
processor. The process is started when a worker has more to do than it can do at once, and ends when it was idle.
Without it, the worker reads its records itself: nothing depends on it.
"""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from app.archive.parse.record import ParsedRecord
from app.archive.sites.current_sites import CurrentSites
from app.archive.sites.site_map import NOTHING, SiteMap
from app.fetch.reader import HEAD, Asked, Task, form, frame, size
from app.ids import CallId, TenantId
from app.observability import log

IDLE = 60.0  # seconds without work, after which the process ends
AGAIN = 60.0  # seconds until it is started again after it failed
MOST_BYTES = 1 << 20  # of a record; a larger one is read in a thread, where it is in memory only once
BUFFER = 1 << 20  # bytes of results that may wait in this process
FRAMES = 2  # sent and not answered; records that come meanwhile share the next one, which makes their way cheaper

_log = log.get(__name__)


class _Waiting(NamedTuple):
    task: Task
    found: asyncio.Future[ParsedRecord | None]


class ReadingProcess:
    """``await process.read(…)`` from any number of tasks; ``await process.close()`` ends it."""

    def __init__(self, sites: CurrentSites | None = None, *, idle: float = IDLE, again: float = AGAIN) -> None:
        """``sites``: those as they were last read are what records are matched with."""
        self._sites = sites or CurrentSites()
        self._has_revision = NOTHING.revision
        self._idle = idle
        self._again = again
        self._may_start_at = 0.0
        self._starting = asyncio.Lock()
        self._process: Process | None = None
        self._answering: asyncio.Task[None] | None = None
        self._answered = 0
        self._waiting: list[_Waiting] = []
        self._sent: deque[list[_Waiting]] = deque()

    @property
    def pid(self) -> int | None:
        """Of the process while it runs."""
        return self._process.pid if self._process else None

    async def read(self, tenant_id: TenantId, call_id: CallId, raw: bytes) -> ParsedRecord | None:
        """The record that these bytes hold complete, with its sites; None where the caller must read them itself."""
        if len(raw) > MOST_BYTES or not await self._is_running():
            return None
        loop = asyncio.get_running_loop()
        asked = _Waiting(Task(tenant_id, call_id, raw, datetime.now(UTC)), loop.create_future())
        self._waiting.append(asked)
        if len(self._waiting) == 1:
            loop.call_soon(self._send)
        return await asked.found

    async def close(self) -> None:
        """End the process; records that it was reading are not read."""
        if self._answering:
            self._cancel()
            await asyncio.wait([self._answering])

    async def _is_running(self) -> bool:
        if self._process:
            return True
        if _processors() < 2 or asyncio.get_running_loop().time() < self._may_start_at:
            return False
        async with self._starting:
            if self._process is None:
                await self._start()
        return self._process is not None

    async def _start(self) -> None:
        command = (sys.executable, "-m", "app.fetch.reader", form())
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=BUFFER, env=_environment()
            )
        except OSError as error:
            self._give_up(type(error).__name__)
            return
        self._process = process
        self._has_revision = NOTHING.revision
        self._answering = asyncio.create_task(self._answer(process), name="reading process")
        self._end_if_idle(-1)

    def _send(self) -> None:
        """Everything that waits, in one frame. What cannot be sent is given up when `_answer` sees the end."""
        if self._process and self._process.stdin and self._waiting and len(self._sent) < FRAMES:
            self._sent.append(self._waiting)
            self._process.stdin.write(frame(Asked([one.task for one in self._waiting], self._changed_sites())))
            self._waiting = []

    def _changed_sites(self) -> SiteMap | None:
        """The lists, where the process has others."""
        sites = self._sites.known
        if sites.revision == self._has_revision:
            return None
        self._has_revision = sites.revision
        return sites

    async def _answer(self, process: Process) -> None:
        """Give each caller its record, until the process ends or this is cancelled."""
        assert process.stdout is not None
        try:
            while True:
                head = await process.stdout.readexactly(HEAD)
                pickled = await process.stdout.readexactly(size(head))
                self._answered += 1
                _resolve(self._sent.popleft(), pickle.loads(pickled))  # noqa: S301 -- from our own process
                self._send()
        except (asyncio.IncompleteReadError, OSError):
            self._give_up("it ended")
        finally:
            self._process = None
            left, self._waiting = [*self._sent, self._waiting], []
            self._sent.clear()
            for asked in left:
                _resolve(asked, [None] * len(asked))
            await _end(process)

    def _end_if_idle(self, answered: int) -> None:
        """To be called once in a while, with the number of answers at the call before."""
        if self._answered == answered and not (self._sent or self._waiting):
            self._cancel()
        elif self._process:
            asyncio.get_running_loop().call_later(self._idle, self._end_if_idle, self._answered)

    def _cancel(self) -> None:
        if self._process and self._answering:  # otherwise it ends already, and waits for the process
            self._answering.cancel()

    def _give_up(self, why: str) -> None:
        self._may_start_at = asyncio.get_running_loop().time() + self._again
        _log.warning("reading_process_failed", error=why, again_in=self._again)


def _resolve(asked: list[_Waiting], records: list[ParsedRecord | None]) -> None:
    for (_, found), record in zip(asked, records, strict=True):
        if not found.done():  # its caller was cancelled
            found.set_result(record)


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    if process.stdin:
        process.stdin.close()
    await process.wait()


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _environment() -> dict[str, str]:
    """Only what Python itself needs: the process has no use for a secret."""
    return {name: value for name, value in os.environ.items() if name.startswith(("PYTHON", "LD_", "PATH"))}
