"""Every check, each as far as it can be made: one that fails takes only those with it that need it."""

import asyncio
from datetime import UTC, datetime

from app import wiring
from app.config import Settings
from app.doctor import credential, database, hide, network, notifications, settings, subscription, work
from app.doctor.check import CHECKS, Check, in_order, skipped
from app.doctor.database import Known
from app.doctor.network import Heard
from app.doctor.places import Places
from app.subscriptions.graph import Urls


async def examine() -> list[Check]:
    """One or more for each of CHECKS, in their order, with no secret in any of them."""
    found, told = settings.read()
    if found is None:
        return [told, *(skipped(name, f"needs {settings.NAME}") for name in CHECKS[1:])]
    places = Places.of(found)
    known, heard = await asyncio.gather(database.examine(found), network.examine(found, places))
    own = credential.check(wiring.credential(found), datetime.now(UTC))
    checks = [told, *known.checks, own, *heard.checks, *_tenants(found, known, heard)]
    secrets = hide.secrets_of(found)
    return [hide.without(secrets, check) for check in in_order(checks)]


def _tenants(found: Settings, known: Known, heard: Heard) -> list[Check]:
    """What takes both the database and Graph."""
    now, urls = datetime.now(UTC), Urls.under(found.public_url)
    checks = []
    for tenant_id, state in known.states.items():
        ours, held = known.ours.get(tenant_id), heard.held.get(tenant_id)
        checks += [
            subscription.check(ours, held, state.problem, urls, now, tenant_id),
            notifications.check(state, now),
            work.worker(state, now),
            work.reconciliation(state, found.reconcile_every, now),
        ]
    return checks
