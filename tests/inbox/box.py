"""An inbox in a database, each step of it a transaction of its own."""

from datetime import UTC, datetime, timedelta

from app.inbox import queue, rows, tenant_state
from app.inbox.queue import Notice

NOW = datetime(2026, 1, 31, 9, 5, 0, 123456, tzinfo=UTC)
LEASE = timedelta(minutes=2)
TENANT, OTHER = "tenant-a", "tenant-b"


def notices(*call_ids, tenant=TENANT, deadline=None):
    return [Notice(tenant, call_id, deadline) for call_id in call_ids]


class Box:
    def __init__(self, database):
        self.database = database

    async def put(self, *call_ids, tenant=TENANT, deadline=None, at=NOW, swept=False):
        async with self.database.begin() as db:
            await queue.put(db, notices(*call_ids, tenant=tenant, deadline=deadline), at, swept=swept)

    async def claim(self, worker="worker", *, of=(TENANT,), most=100, lease=LEASE):
        async with self.database.begin() as db:
            return await queue.claim(db, worker, list(of), most, lease)

    async def claim_one(self, worker="worker"):
        [claim] = await self.claim(worker)
        return claim

    async def do(self, step, *args, **options):
        """One step of `queue` or `rows` that writes."""
        async with self.database.begin() as db:
            return await step(db, *args, **options)

    async def rows(self, **wanted):
        async with self.database.reading() as db:
            return await rows.rows(db, **wanted)

    async def row(self):
        [row] = await self.rows()
        return row

    async def depths(self):
        async with self.database.reading() as db:
            return await rows.depths(db)

    async def hold(self, tenant, until):
        async with self.database.begin() as db:
            await tenant_state.ensure_rows(db, [tenant])
            await tenant_state.throttle_for(db, tenant, until - datetime.now(UTC))


def ids(claims):
    return [claim.call_id for claim in claims]
