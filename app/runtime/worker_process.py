"""A worker alone: it imports nothing of the web application, which would double what it holds idle."""

from app.observability.metrics import Metrics
from app.observability.tracing.start import open_tracing
from app.runtime import jobs, lifetime, opening, wiring
from app.settings.environment import Settings


async def work(settings: Settings, host: str, port: int | None) -> None:
    """Until a signal stops it; with the reconciliation and retention that whichever replica holds the lease does.

    With a port, /healthz and /metrics are answered there.
    """
    metrics = Metrics()
    async with (
        open_tracing("worker", settings.ssl_cert_file) as tracing,
        opening.open_database(settings) as database,
        wiring.open_graph(settings, metrics, tracing, database) as graph,
    ):
        server = lifetime.probe(metrics, host, port)
        worker = jobs.worker(settings, database, graph, metrics)
        side = [
            jobs.rate_sharing(database, graph, metrics),
            jobs.deliveries(settings, database, metrics),
            *jobs.sweeps(settings, database, graph),
        ]
        await lifetime.run_until_stopped(server, [worker], side)
