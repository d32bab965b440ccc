"""The long-running processes: the whole service, or a worker alone. Both stop in order and lose nothing."""

import asyncio
import gc
import signal
from collections.abc import Coroutine, Sequence
from typing import Any

from app import log, wiring
from app.access.audit import Audit
from app.archive.retain import Retain
from app.config import Settings
from app.db import Database
from app.fetch.reconcile import Reconcile
from app.fetch.worker import Worker
from app.metrics import Metrics
from app.subscriptions.ensure import Ensured
from app.subscriptions.keep import keep
from app.web import app as web
from app.web.context import Context
from app.web.door import Door
from app.web.graph_context import GraphContext
from app.web.graph_origin import Origins
from app.web.keys import Keys
from app.web.server import Server

_log = log.get(__name__)


async def serve(settings: Settings, host: str, port: int, *, worker: bool, renewal: bool) -> None:
    """The web routes, by default with a worker and the schedule, until a signal stops them."""
    metrics, woken = Metrics(), asyncio.Event()
    async with wiring.open_database(settings) as database, wiring.open_graph(settings, metrics) as graph:
        hands = _worker(settings, database, graph, metrics) if worker else None
        noticed = hands.wake if hands else _nothing
        async with (
            Door(database, settings.azure_tenant_id, metrics, noticed=noticed, said=woken.set) as door,
            Audit(database) as audit,
        ):
            context = Context(database, settings.azure_tenant_id, _keys(settings), metrics, audit, _graph(settings))
            server = Server(web.make(context, door, metrics), host, port)
            jobs: list[Coroutine[Any, Any, None]] = []
            if worker or renewal:
                jobs += [_reconcile(settings, database, graph), _retain(settings, database)]
            if renewal:
                jobs.append(_keep(settings, database, graph, metrics, woken))
            await _run(server, hands, jobs)


async def work(settings: Settings) -> None:
    """A worker alone, with the reconciliation and retention that whichever replica holds the lease does."""
    metrics = Metrics()
    async with wiring.open_database(settings) as database, wiring.open_graph(settings, metrics) as graph:
        hands = _worker(settings, database, graph, metrics)
        await _run(None, hands, [_reconcile(settings, database, graph), _retain(settings, database)])


def stop_signal() -> asyncio.Event:
    """Set when SIGTERM or SIGINT arrives."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _run(server: Server | None, hands: Worker | None, jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Everything at once, until a signal, or until a part ends that should not have."""
    # What was imported lives as long as the process: without this each full collection looks at all of it, and the
    # door stands still for a tenth of a second.
    gc.collect()
    gc.freeze()
    stop = stop_signal()
    main = [asyncio.create_task(part.run()) for part in (server, hands) if part]
    if server:
        # Graph calls our routes while it makes a subscription: they are open before one is asked for.
        await asyncio.wait([asyncio.create_task(server.listening.wait()), *main], return_when="FIRST_COMPLETED")
    side = [asyncio.create_task(job) for job in jobs]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([stopping, *main, *side], return_when="FIRST_COMPLETED")
    _log.info("stopping")
    for part in (server, hands):
        if part:
            part.stop()
    for task in (*side, stopping):
        task.cancel()
    _raise_first(await asyncio.gather(*main, *side, stopping, return_exceptions=True))


def _raise_first(results: Sequence[Any]) -> None:
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result


def _worker(settings: Settings, database: Database, graph: wiring.Graph, metrics: Metrics) -> Worker:
    return Worker(
        database,
        graph.clients,
        graph.paces,
        concurrency=settings.worker_concurrency,
        metrics=metrics,
        retention=settings.retention,
    )


def _reconcile(settings: Settings, database: Database, graph: wiring.Graph) -> Coroutine[Any, Any, None]:
    every, kept = settings.reconcile_every, settings.retention
    return Reconcile(database, graph.clients, every, holder=wiring.holder(), retention=kept).run()


def _retain(settings: Settings, database: Database) -> Coroutine[Any, Any, None]:
    return Retain(database, settings.retention, holder=wiring.holder()).run()


def _keep(
    settings: Settings, database: Database, graph: wiring.Graph, metrics: Metrics, woken: asyncio.Event
) -> Coroutine[Any, Any, None]:
    def told(ensured: Ensured) -> None:
        metrics.renewals.labels(action=ensured.action).inc()

    ensures = graph.ensures(settings, database, wiring.holder())
    return keep(database, ensures, settings.renew_every, woken=woken, told=told)


def _keys(settings: Settings) -> Keys:
    return Keys(settings.api_key.get_secret_value() if settings.api_key else None, wiring.tokens(settings))


def _graph(settings: Settings) -> GraphContext:
    return GraphContext(Origins(settings.trusted_proxies or (), settings.public_url))


def _nothing() -> None: ...
