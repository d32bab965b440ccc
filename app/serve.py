"""The whole service in one process: the web routes, by default with a worker and the schedule."""

import asyncio

from app import jobs, lifetime, wiring
from app.access.audit import Audit
from app.config import Settings
from app.lifetime import Job
from app.metrics import Metrics
from app.tracing.start import open_tracing
from app.web import app as web
from app.web.context import Context
from app.web.door import Door
from app.web.graph_context import GraphContext
from app.web.graph_origin import Origins
from app.web.keys import Keys
from app.web.server import Server


async def serve(settings: Settings, host: str, port: int, *, worker: bool, renewal: bool) -> None:
    """Until a signal stops it."""
    metrics, woken = Metrics(), asyncio.Event()
    async with (
        open_tracing("serve", settings.ssl_cert_file) as tracing,
        wiring.open_database(settings) as database,
        wiring.open_graph(settings, metrics, tracing) as graph,
    ):
        hands = jobs.worker(settings, database, graph, metrics) if worker else None
        noticed = hands.wake if hands else _nothing
        async with (
            Door(database, settings.azure_tenant_id, metrics, noticed=noticed, said=woken.set, tracing=tracing) as door,
            Audit(database) as audit,
        ):
            context = Context(database, settings.azure_tenant_id, _keys(settings), metrics, audit, _graph(settings))
            server = Server(web.make(context, door, metrics, tracing), host, port)
            side: list[Job] = []
            if worker or renewal:
                side += jobs.sweeps(settings, database, graph)
            if renewal:
                side.append(jobs.renewal(settings, database, graph, metrics, woken))
            await lifetime.live(server, [hands] if hands else [], side)


def _keys(settings: Settings) -> Keys:
    return Keys(settings.api_key.get_secret_value() if settings.api_key else None, wiring.tokens(settings))


def _graph(settings: Settings) -> GraphContext:
    return GraphContext(Origins(settings.trusted_proxies or (), settings.public_url))


def _nothing() -> None: ...
