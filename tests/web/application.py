"""The receiver in this process: what Graph would post to it, and what became of that."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
from sqlalchemy import select

from app.access.audit import PATIENCE, Audit
from app.inbox import tenant_state
from app.inbox.model import inbox
from app.subscriptions import model
from app.web import app as web
from app.web.auth.callers import Keys
from app.web.auth.wrong_keys import WrongKeys
from app.web.context import Context
from app.web.webhook.receiver import Receiver

TENANT = "00000000-0000-4000-8000-00000000aaaa"
OTHER = "00000000-0000-4000-8000-00000000bbbb"
STRANGER = "00000000-0000-4000-8000-00000000cccc"
KEY = "the key of the tests"
NOTIFICATIONS, LIFECYCLE = "/graph/notifications", "/graph/lifecycle"


async def subscribed(database, tenant_id=TENANT, **values):
    """The client state of a live subscription, as `ensure` leaves it."""
    now = datetime.now(UTC)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [tenant_id])
        ours, client_state = await model.insert(db, tenant_id, "https://we.example/n", "https://we.example/l", now)
        wanted = {"subscription_id": str(uuid4()), "expires_at": now + timedelta(days=2)} | values
        await model.update_row(db, ours, **wanted)
    return client_state


def a_change(client_state, **changes):
    call_id = changes.pop("call_id", None) or str(uuid4())
    resource = f"communications/callRecords/{call_id}"
    return {
        "subscriptionId": str(uuid4()),
        "subscriptionExpirationDateTime": "2030-01-01T00:00:00.0000000Z",
        "clientState": client_state,
        "changeType": "updated",
        "resource": resource,
        "tenantId": TENANT,
        "resourceData": {"@odata.type": "#microsoft.graph.callrecord", "@odata.id": resource, "id": call_id},
    } | changes


def an_event(client_state, event="missed", **changes):
    return {
        "subscriptionId": str(uuid4()),
        "subscriptionExpirationDateTime": "2030-01-01T00:00:00.0000000Z",
        "clientState": client_state,
        "lifecycleEvent": event,
        "tenantId": TENANT,
    } | changes


def without(item, *names):
    return {name: value for name, value in item.items() if name not in names}


def id_of(item):
    return item["resourceData"]["id"]


async def without_delay(_seconds):
    """Wrong keys of a test do not wait; test_wrong_keys.py tests the delay."""


@asynccontextmanager
async def opened(
    database, metrics, *, tenant_ids=(TENANT, OTHER), key=KEY, tokens=None, audit_patience=PATIENCE, **more
):
    """The whole application without a socket; ``more`` is of its Context."""
    async with Receiver(database, tenant_ids, metrics) as receiver, Audit(database, patience=audit_patience) as audit:
        own = {"storing": receiver.storing, "wrong_keys": WrongKeys(metrics, sleep=without_delay)} | more
        context = Context(database, tenant_ids, Keys(key, tokens), metrics, audit, **own)
        yield web.make(context, receiver, metrics)


def calling(app, *, key=None):
    """A client of the application; an exception that nobody caught is the test's."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://we.example", headers=headers)


async def notify(client, *items, to=NOTIFICATIONS):
    return await client.post(to, json={"value": list(items)})


async def waiting(database):
    """The ids in the inbox."""
    async with database.reading() as db:
        return sorted((await db.execute(select(inbox.c.call_id))).scalars())


async def events(database):
    async with database.reading() as db:
        rows = await db.execute(select(model.lifecycle_events))
        return sorted((row.tenant_id, row.subscription_id, row.event) for row in rows)


def outcomes(metrics):
    """How many items came to what."""
    (family,) = metrics.notifications.collect()
    counts = {s.labels["outcome"]: s.value for s in family.samples if s.name.endswith("_total")}
    return {outcome: count for outcome, count in counts.items() if count}
