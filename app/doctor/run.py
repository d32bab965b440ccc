"""Every check, each as far as it can be made: one that fails takes only those with it that need it."""

import asyncio
from datetime import UTC, datetime

from app.doctor import collecting, credential_file, redaction, settings
from app.doctor.cloud_hosts import Places
from app.doctor.database import database_checks
from app.doctor.database.database_checks import Known
from app.doctor.finding import CHECKS, Check, in_order, skipped
from app.doctor.network import network_checks, notifications, subscription
from app.doctor.network.network_checks import Heard
from app.runtime import wiring
from app.settings.environment import Settings
from app.subscriptions.graph import Urls


async def examine() -> list[Check]:
    """One or more for each of CHECKS, in their order, with no secret in any of them."""
    found, told = settings.read()
    if found is None:
        return [told, *(skipped(name, f"needs {settings.NAME}") for name in CHECKS[1:])]
    places = Places.of(found)
    known, heard = await asyncio.gather(database_checks.examine(found), network_checks.examine(found, places))
    own = credential_file.check(wiring.credential(found), datetime.now(UTC))
    checks = [told, *known.checks, own, *heard.checks, *_tenants(found, known, heard)]
    secrets = redaction.secrets_of(found)
    return [redaction.without(secrets, check) for check in in_order(checks)]


def _tenants(found: Settings, known: Known, heard: Heard) -> list[Check]:
    """What takes both the database and Graph."""
    now, urls = datetime.now(UTC), Urls.under(found.public_url)
    checks = []
    for tenant_id, state in known.states.items():
        ours, held = known.ours.get(tenant_id), heard.held.get(tenant_id)
        checks += [
            subscription.check(ours, held, state.problem, urls, now, tenant_id),
            notifications.check(state, now),
            collecting.worker(state, now),
            collecting.reconciliation(state, found.reconcile_every, now),
        ]
    return checks
