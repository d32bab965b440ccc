"""Workers in this process, with real clients of the simulated Graph and limits that a test can choose."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from app.archive.documents import codec
from app.archive.queries import stored_calls
from app.archive.store import record_store
from app.fetch.pace import Pace
from app.fetch.worker import Worker
from app.graph.auth.bearer import GraphAuth
from app.graph.auth.credentials import Secret
from app.graph.auth.login import Login
from app.graph.client import GraphClient
from app.graph.transport import http_client
from app.inbox import queue, rows, tenant_state
from app.inbox.queue import Notice
from app.observability.metrics import Metrics
from app.observability.tracing import OFF
from app.settings.units import Rate
from tests.flow.service import plain

FAST = Rate(100_000, 1.0)


class Hands:
    """One worker, the inbox it works on and the archive it fills, for one tenant unless another is named."""

    def __init__(self, database, world, clients, paces, **options):
        self.database = database
        self.world = world
        self.tenant_id = world.tenant_id
        self.clients = clients
        self.paces = paces
        self.worker = Worker(database, clients, paces, metrics=Metrics(), **{"concurrency": 8, **options})

    async def notice(self, *call_ids, tenant_id=None):
        """As the door does it."""
        async with self.database.begin() as db:
            notices = [Notice(tenant_id or self.tenant_id, call_id) for call_id in call_ids]
            await queue.put(db, notices, datetime.now(UTC))

    async def work(self, *call_ids, tenant_id=None):
        """Notice these and fetch what is due, once."""
        if call_ids:
            await self.notice(*call_ids, tenant_id=tenant_id)
        return await self.worker.work_once()

    async def row(self, call_id):
        """The call's row in the inbox; None once nothing is left to be done."""
        async with self.database.reading() as db:
            found = await rows.rows(db, limit=1000)
        return next((row for row in found if row.call_id == call_id), None)

    async def retry(self, call_id):
        async with self.database.begin() as db:
            assert await rows.retry(db, [call_id]) == 1

    async def held(self, call_id, tenant_id=None):
        """(version, complete) in the archive, or None."""
        async with self.database.reading() as db:
            return (await record_store.stored_versions(db, tenant_id or self.tenant_id, [call_id])).get(call_id)

    async def document(self, call_id):
        async with self.database.reading() as db:
            packed = await stored_calls.document(db, call_id)
        return plain(codec.unpack(packed))

    async def tenant(self, tenant_id=None):
        async with self.database.reading() as db:
            return await tenant_state.find(db, tenant_id or self.tenant_id)


@asynccontextmanager
async def hands(database, running, ca_file, *, rate=FAST, per_record=FAST, more_tenants=(), tracing=OFF, **options):
    """A worker with clients of its own; each call makes another one, as another machine would be."""
    world = running.world
    tenant_ids = [world.tenant_id, *more_tenants]
    http = http_client.client(ca_file=ca_file)
    paces = {tenant_id: Pace(rate, per_record=per_record) for tenant_id in tenant_ids}
    clients = {one: _client(http, running, ca_file, one, paces[one], tracing) for one in tenant_ids}
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, tenant_ids)
    try:
        yield Hands(database, world, clients, paces, tracing=tracing, **options)
    finally:
        await http.aclose()


def _client(http, running, ca_file, tenant_id, pace, tracing):
    world, root = running.world, running.url
    login = Login(
        tenant_id=tenant_id,
        client_id=world.client_id,
        credential=Secret(world.client_secret),
        login=root,
        graph_root=root,
        ca_file=ca_file,
    )
    auth = GraphAuth(login)
    options = {"pace": pace, "sleep": _a_moment, "tracing": tracing}
    return GraphClient(http=http, auth=auth, root=root, version="v1.0", tenant_id=tenant_id, **options)


async def _a_moment(_):
    """Between two tries of one page nothing needs to pass here."""
    await asyncio.sleep(0)


def seconds_until(moment):
    """Negative when the moment is over."""
    return (moment - datetime.now(UTC)) / timedelta(seconds=1)
