"""The jobs of a long-running process, built from the settings: the worker, and the jobs of one replica at a time."""

import asyncio

from app.access.audit_retention import RetainAudit
from app.alerts import loading
from app.alerts.evaluate import EvaluateAlerts
from app.alerts.rule import RuleSet
from app.alerts.rules_file import RulesRefused
from app.archive.daily.count_job import CountJob
from app.archive.daily.departments.job import CountDepartments
from app.archive.daily.proof_job import ProofJob
from app.archive.erasure.requests.job import EraseJob
from app.archive.retention.detail_job import DetailRowsJob
from app.archive.retention.job import Retain
from app.archive.retention.remove_addresses import RemoveAddresses
from app.archive.upgrade.derive import Derive
from app.archive.upgrade.match_again import MatchAgain
from app.archive.upgrade.reclassify import Reclassify
from app.archive.voice_apps import judging_again
from app.archive.voice_apps.changed_accounts import ChangedAccounts
from app.db import Database
from app.fetch.rate_sharing import ShareRate
from app.fetch.reconciliation.reconcile import Reconcile
from app.fetch.worker import Worker
from app.inbox import organizers, rows
from app.inbox.deferred import MoveDeferred
from app.inbox.organizers import RemoveOrganizers
from app.observability.metrics import Metrics
from app.outbound.delivery.deliver import Deliver, Reach
from app.outbound.delivery.retention import RetainDeliveries
from app.runtime import opening, schedule, wiring
from app.runtime.lifetime import Job
from app.settings.environment import Settings
from app.subscriptions import model
from app.subscriptions.ensure import Ensured
from app.subscriptions.renewal import Renewal
from app.telephony.joins.job import JoinLogRows
from app.telephony.sync.job import SynchroniseLogs

_IN_THE_ARCHIVE = (Derive, Reclassify, MatchAgain, ChangedAccounts, CountJob, CountDepartments, ProofJob)

# Seconds for one transaction of collecting: where a proxy has lost the connection, the next one is tried then.
TRANSACTION_LIMIT = 20.0
BACKLOG = 200  # calls that are due: while there are more, detail rows are written slowly


def worker(settings: Settings, database: Database, graph: wiring.Graph, metrics: Metrics) -> Worker:
    return Worker(
        database.within(TRANSACTION_LIMIT),
        graph.clients,
        graph.paces,
        concurrency=settings.worker_concurrency,
        metrics=metrics,
        retention=settings.retention,
        detail_rows=settings.detail_rows,
        tracing=graph.tracing,
        large=graph.large,
    )


def rate_sharing(database: Database, graph: wiring.Graph, metrics: Metrics) -> Job:
    """Beside each worker."""
    return schedule.repeat(ShareRate(database, graph.paces, holder=opening.holder(), observe=metrics.observe_rate))


def deliveries(settings: Settings, database: Database, metrics: Metrics) -> Job:
    """Beside each worker: events to webhooks."""
    return Deliver(
        database.within(TRANSACTION_LIMIT), reach(settings), holder=opening.holder(), observe=metrics.observe_delivery
    ).run()


def alert_rules(settings: Settings) -> RuleSet:
    """NotReadyError if the file is wrong."""
    try:
        return loading.load(settings.alert_rules)
    except RulesRefused as error:
        raise opening.NotReadyError(f"ALERT_RULES: {error}") from None


def reach(settings: Settings) -> Reach:
    return Reach(settings.public_url, settings.webhook_allow or (), settings.ssl_cert_file)


def sweeps(settings: Settings, database: Database, graph: wiring.Graph) -> list[Job]:
    """Reconciliation, retention and what is derived from calls, each done by the replica that has its lease."""
    reconcile = Reconcile(
        database,
        graph.clients,
        settings.reconcile_every,
        holder=opening.holder(),
        retention=settings.retention,
        tracing=graph.tracing,
        listening_since=model.listening_since,
    )
    jobs: list[schedule.PeriodicJob] = [
        Retain(database, settings.retention, holder=opening.holder()),
        DetailRowsJob(database, settings.detail_rows, holder=opening.holder(), is_behind=_is_behind),
        RemoveOrganizers(database, settings.retention),
        RemoveAddresses(database, settings.place_retention, holder=opening.holder()),
        RetainAudit(database, settings.audit_retention, holder=opening.holder()),
        EraseJob(database, holder=opening.holder(), elsewhere={"inbox": organizers.remove}),
        *(job(database, holder=opening.holder()) for job in _IN_THE_ARCHIVE),
        MoveDeferred(database),
        *_logs(settings, database, graph),
        RetainDeliveries(database, holder=opening.holder()),
        EvaluateAlerts(database, alert_rules(settings), holder=opening.holder()),
    ]
    return [reconcile.run(), *(schedule.repeat(job) for job in jobs)]


async def _is_behind(database: Database) -> bool:
    async with database.reading() as db:
        return await rows.is_backlog(db, BACKLOG)


def _logs(settings: Settings, database: Database, graph: wiring.Graph) -> list[schedule.PeriodicJob]:
    """The PSTN and Direct Routing logs. Rows that a command read are joined as well."""
    joins = JoinLogRows(database, holder=opening.holder(), on_joined=judging_again.mark_changed)
    jobs: list[schedule.PeriodicJob] = [joins]
    if every := settings.pstn_every:
        holder, retention = opening.holder(), settings.retention
        jobs.append(SynchroniseLogs(database, graph.clients, every, holder=holder, retention=retention))
    return jobs


def renewal(settings: Settings, database: Database, graph: wiring.Graph, metrics: Metrics, woken: asyncio.Event) -> Job:
    def on_ensured(ensured: Ensured) -> None:
        metrics.renewals.labels(action=ensured.action).inc()

    ensures = graph.ensures(settings, database, opening.holder())
    return Renewal(database, ensures, settings.renew_every, woken=woken, on_ensured=on_ensured).run()
