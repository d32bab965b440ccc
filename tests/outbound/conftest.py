from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from app.outbound.delivery.deliver import Deliver, Reach
from app.outbound.registry import deliveries, webhooks
from app.outbox import writing
from app.outbox.event import CALL_ARCHIVED, SUBSCRIBABLE, call_event
from tests.outbound.receiver import Receiver

TENANT = "3f1c9a52-7d0e-4b86-9c1b-5a2e8d470001"
LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
async def receiver():
    async with Receiver() as receiver:
        yield receiver


class Outbound:
    """Webhooks of a database, each step a transaction of its own."""

    def __init__(self, database):
        self.database = database

    async def do(self, step, *args, **options):
        async with self.database.begin() as db:
            return await step(db, *args, **options)

    async def add(self, url, *, kinds=SUBSCRIBABLE, form="standard", tenants=None, allowed=LOOPBACK):
        given = {"tenants": tenants, "by": "tests", "at": datetime.now(UTC), "allowed": allowed}
        return await self.do(webhooks.add, url, kinds, form, **given)

    async def write(self, *subjects, kind=CALL_ARCHIVED, **data):
        events = [call_event(kind, TENANT, subject, **data) for subject in subjects]
        return await self.do(writing.write, events, datetime.now(UTC))

    def deliver(self, holder="process-of-this-test", **options):
        reach = Reach("https://calls.example.com", LOOPBACK)
        return Deliver(self.database, reach, holder=holder, idle=0.01, **options)

    async def deliveries(self, webhook_id, **wanted):
        """Oldest first."""
        async with self.database.reading() as db:
            return list(reversed(await deliveries.page(db, webhook_id, **wanted)))

    async def webhook(self, webhook_id):
        async with self.database.reading() as db:
            return await webhooks.find(db, webhook_id, None)


@pytest.fixture
def outbound(database):
    return Outbound(database)
