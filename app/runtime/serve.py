"""The complete service in one process: the web routes, by default with a worker and the schedule."""

import asyncio

from app.access.audit import Audit
from app.access.id_tokens import IdTokens
from app.access.signing_keys import SigningKeys
from app.db import Database, Readers
from app.db.replica import Replica
from app.graph.auth.sign_in import SignIn
from app.health.storing import Storing
from app.observability import log
from app.observability.metrics import Metrics
from app.observability.tracing.start import open_tracing
from app.runtime import jobs, lifetime, opening, wiring
from app.runtime.cloud_hosts import CloudHosts
from app.runtime.lifetime import Job
from app.settings.environment import Settings
from app.web import app as web
from app.web.auth.callers import Keys
from app.web.auth.entra import Entra
from app.web.auth.wrong_keys import WrongKeys
from app.web.context import Context
from app.web.graph_api.context import GraphContext
from app.web.graph_api.public_origin import Origins
from app.web.reads.limits import CONNECTIONS, STATEMENT_SECONDS
from app.web.server import Server
from app.web.webhook.receiver import Receiver

_log = log.get(__name__)


async def serve(settings: Settings, host: str, port: int, *, worker: bool, renewal: bool) -> None:
    """Until a signal stops it."""
    metrics, woken = Metrics(), asyncio.Event()
    async with (
        open_tracing("serve", settings.ssl_cert_file) as tracing,
        opening.open_database(settings) as database,
        wiring.open_graph(settings, metrics, tracing, database) as graph,
    ):
        fetch_worker = jobs.worker(settings, database, graph, metrics) if worker else None
        on_queued = fetch_worker.wake if fetch_worker else _nothing
        receiver = Receiver(
            database,
            settings.azure_tenant_id,
            metrics,
            on_queued=on_queued,
            on_lifecycle_event=woken.set,
            tracing=tracing,
        )
        readers = _readers(settings, database, metrics)
        async with receiver, Audit(database) as audit, readers:
            context = _context(settings, database, metrics, audit, readers=readers, storing=receiver.storing)
            app = web.make(context, receiver, metrics, tracing)
            server = Server(app, host, port, refused=metrics.refuse_connection, stopping=context.stopping)
            side: list[Job] = []
            if worker:
                side += [jobs.rate_sharing(database, graph, metrics), jobs.deliveries(settings, database, metrics)]
            if worker or renewal:
                side += jobs.sweeps(settings, database, graph)
            if renewal:
                side.append(jobs.renewal(settings, database, graph, metrics, woken))
            await lifetime.run_until_stopped(server, [fetch_worker] if fetch_worker else [], side)


def _readers(settings: Settings, database: Database, metrics: Metrics) -> Readers:
    """For the requests of callers: of the replica, if there is one."""
    primary = database.for_readers(CONNECTIONS, STATEMENT_SECONDS)
    if not settings.database_read_url:
        return primary
    replica = Database.open_readers(settings.database_read_url.get_secret_value(), CONNECTIONS, STATEMENT_SECONDS)

    def on_change(reason: str | None) -> None:
        if reason is None:
            _log.info("replica_used")
        else:
            _log.warning("replica_not_used", reason=reason)

    both = Replica(replica, primary, database, holder=opening.holder(), on_change=on_change)
    metrics.watch_replica(lambda: both.is_used, lambda: both.lag)
    return both


def _context(
    settings: Settings, database: Database, metrics: Metrics, audit: Audit, *, readers: Readers, storing: Storing
) -> Context:
    return Context(
        database,
        settings.azure_tenant_id,
        _keys(settings),
        metrics,
        audit,
        WrongKeys(metrics),
        _graph(settings),
        entra=_entra(settings) if "entra" in settings.pages_sign_in else None,
        by_key="key" in settings.pages_sign_in,
        readers=readers,
        storing=storing,
        webhook_allow=settings.webhook_allow or (),
        trunk_channels=settings.trunk_channels,
    )


def _entra(settings: Settings) -> Entra:
    """With the collector's own application; the first request to the login host is made at the first sign-in."""
    login, ca_file = CloudHosts.of(settings).login, settings.ssl_cert_file
    tenant_ids, client_id = settings.azure_tenant_id, settings.azure_client_id
    sign_in = SignIn(
        login=login,
        tenant_ids=tenant_ids,
        client_id=client_id,
        credential=wiring.credential(settings),
        ca_file=ca_file,
    )
    return Entra(sign_in, IdTokens(login, tenant_ids, client_id, SigningKeys(login, ca_file)))


def _keys(settings: Settings) -> Keys:
    return Keys(settings.api_key.get_secret_value() if settings.api_key else None, wiring.tokens(settings))


def _graph(settings: Settings) -> GraphContext:
    return GraphContext(Origins(settings.trusted_proxies or (), settings.public_url))


def _nothing() -> None: ...
