"""Run every check. A check that fails skips only the checks that need it."""

import asyncio
from datetime import UTC, datetime

from app.doctor import call_logs, collecting, credential_file, redaction, settings
from app.doctor.database import database_checks
from app.doctor.database.database_checks import DatabaseFindings
from app.doctor.finding import CHECKS, Check, in_order, skipped
from app.doctor.limits import Limits
from app.doctor.network import network_checks, notifications, subscription
from app.doctor.network.network_checks import NetworkFindings
from app.runtime import wiring
from app.runtime.cloud_hosts import CloudHosts
from app.settings.environment import Settings
from app.subscriptions.graph import Urls

LIMITS = Limits()


async def run_checks(limits: Limits = LIMITS) -> list[Check]:
    """One or more findings for each of CHECKS, in that order, without secrets."""
    loaded, settings_check = settings.read()
    if loaded is None:
        return [settings_check, *(skipped(name, f"needs {settings.NAME}") for name in CHECKS[1:])]
    in_database, in_network = await asyncio.gather(
        database_checks.run(loaded, limits.database), network_checks.run(loaded, CloudHosts.of(loaded), limits)
    )
    credential = credential_file.check(wiring.credential(loaded), datetime.now(UTC))
    by_tenant = _tenants(loaded, in_database, in_network)
    checks = [settings_check, *in_database.checks, credential, *in_network.checks, *by_tenant]
    secrets = redaction.secrets_of(loaded)
    return [redaction.without(secrets, check) for check in in_order(checks)]


def _tenants(loaded: Settings, in_database: DatabaseFindings, in_network: NetworkFindings) -> list[Check]:
    """The checks that need both the database and Graph."""
    now, urls = datetime.now(UTC), Urls.under(loaded.public_url)
    checks = []
    for tenant_id, state in in_database.states.items():
        ours, at_graph = in_database.ours.get(tenant_id), in_network.subscriptions.get(tenant_id)
        checks += [
            subscription.check(ours, at_graph, state.problem, urls, now, tenant_id),
            notifications.check(state, now),
            collecting.worker(state, now),
            collecting.reconciliation(state, loaded.reconcile_every, now),
            call_logs.check(state, loaded.pstn_every, now),
        ]
    return checks
