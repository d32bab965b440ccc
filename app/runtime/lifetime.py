"""The life of a long-running process: its parts at once, until a signal, and a stop in order that loses nothing."""

import asyncio
import gc
import signal
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from app import memory
from app.observability import log
from app.observability.metrics import Metrics
from app.runtime import stop_limit

if TYPE_CHECKING:
    from app.web.server import Server  # a process that does not listen does not import uvicorn

Job = Coroutine[Any, Any, None]

_log = log.get(__name__)


class Part(Protocol):
    """Parts that run until they are stopped, and then complete the work in progress."""

    async def run(self) -> None: ...
    def stop(self) -> None: ...


async def run_until_stopped(server: "Server | None", parts: Sequence[Part], jobs: Sequence[Job]) -> None:
    """Everything at once, until a signal, or until a part ends that should not have; jobs are then cut short."""
    # What was imported lives as long as the process: without this each full collection scans all of it, and the
    # webhook does not answer for a tenth of a second.
    gc.collect()
    gc.freeze()
    memory.set_up()
    memory.give_back()
    stop = stop_signal()
    all_parts: list[Part] = [*([server] if server else []), *parts]
    main = [asyncio.create_task(part.run()) for part in all_parts]
    if server:
        # Graph calls our routes while it makes a subscription: they are open before one is asked for.
        await asyncio.wait([asyncio.create_task(server.listening.wait()), *main], return_when="FIRST_COMPLETED")
    side = [asyncio.create_task(job) for job in jobs]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([stopping, *main, *side], return_when="FIRST_COMPLETED")
    _log.info("stopping")
    stop_limit.end_after()
    for part in all_parts:
        part.stop()
    for task in (*side, stopping):
        task.cancel()
    _raise_first(await asyncio.gather(*main, *side, stopping, return_exceptions=True))


def probe(metrics: Metrics, host: str, port: int | None) -> "Server | None":
    """/healthz and /metrics of a process without other routes; none without a port."""
    if port is None:
        return None
    from app.web import probe  # noqa: PLC0415 -- see above

    return probe.server(metrics, host, port)


def stop_signal() -> asyncio.Event:
    """Set when SIGTERM or SIGINT arrives."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _raise_first(results: Sequence[Any]) -> None:
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
