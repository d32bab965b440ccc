"""A running service, a simulated Graph that reaches it, and the real client between them."""

import os
from contextlib import asynccontextmanager

from sqlalchemy import delete, select

from app.inbox import tenant_state
from app.observability.metrics import Metrics
from app.runtime import opening, wiring
from app.settings.environment import Settings
from app.subscriptions import model

OTHER = "00000000-0000-4000-8000-00000000bbbb"


class Installation:
    """`ensure()` does what `callkeeper subscriptions ensure` does, as another process each time."""

    def __init__(self, running, ca_file, database, database_url, port):
        self.world, self.graph_url, self.ca_file = running.world, running.url, ca_file
        self.database, self.database_url = database, database_url
        self.public_url = f"http://127.0.0.1:{port}"

    def settings(self, **changes):
        given = {
            "azure_tenant_id": self.world.tenant_id,
            "azure_client_id": self.world.client_id,
            "azure_client_secret": self.world.client_secret,
            "azure_authority_host": self.graph_url,
            "graph_base_url": self.graph_url,
            "ssl_cert_file": self.ca_file,
            "public_url": self.public_url,
            "database_url": self.database_url,
        }
        return Settings(_env_file=None, **(given | changes))

    def environment(self, **changes):
        """The same for a process of its own."""
        settings = self.settings()
        names = settings.model_dump(exclude_none=True).keys() & GIVEN
        given = {name.upper(): str(_plain(getattr(settings, name))) for name in names}
        return {"PATH": os.environ["PATH"], "LOG_FORMAT": "json", **given, **changes}

    @asynccontextmanager
    async def ensures(self, **changes):
        """By tenant, what keeps its subscription."""
        settings = self.settings(**changes)
        async with wiring.open_graph(settings, Metrics()) as graph:
            yield graph.ensures(settings, self.database, opening.holder())

    async def ensure(self, **changes):
        async with self.ensures(**changes) as ensures:
            return await ensures[self.world.tenant_id]()

    @asynccontextmanager
    async def client(self):
        async with wiring.open_graph(self.settings(), Metrics()) as graph:
            yield graph.clients[self.world.tenant_id]

    @property
    def looked(self):
        """How often Graph was asked for the list of subscriptions, and how often for a single one."""
        gets = [asked.path for asked in self.world.journal.requests if asked.method == "GET"]
        paths = [path.partition("?")[0] for path in gets]
        return sum(path.endswith("/subscriptions") for path in paths), sum("/subscriptions/" in path for path in paths)

    @property
    def calls(self):
        """What Graph was asked to do with subscriptions, in order."""
        return [noted["call"] for noted in self.world.journal.subscription_calls]

    @property
    def live(self):
        return self.world.subscriptions.live()

    @property
    def one(self):
        """The only subscription at Graph."""
        (only,) = self.live
        return only

    async def rows(self):
        async with self.database.reading() as db:
            wanted = select(model.subscriptions).order_by(model.subscriptions.c.created_at)
            return (await db.execute(wanted)).all()

    async def row(self):
        """The only subscription that has not ended here."""
        (only,) = [row for row in await self.rows() if row.ended_at is None]
        return only

    async def mark_row(self, **values):
        row = await self.row()
        async with self.database.begin() as db:
            await model.update_row(db, row.id, **values)

    async def lose_rows(self):
        async with self.database.begin() as db:
            await db.execute(delete(model.subscriptions))

    async def tenant(self):
        async with self.database.reading() as db:
            return await tenant_state.find(db, self.world.tenant_id)

    async def mark_tenant(self, **values):
        async with self.database.begin() as db:
            await tenant_state.mark(db, self.world.tenant_id, **values)

    async def events(self):
        async with self.database.reading() as db:
            return [row.event for row in await model.pending_events(db, self.world.tenant_id)]

    async def believes(self, client_state):
        async with self.database.reading() as db:
            states = await model.client_states(db)
        return bytes.fromhex(model.hashed(client_state)) in states.get(self.world.tenant_id, [])


GIVEN = {
    "azure_tenant_id",
    "azure_client_id",
    "azure_client_secret",
    "azure_authority_host",
    "graph_base_url",
    "ssl_cert_file",
    "public_url",
    "database_url",
}


def _plain(value):
    value = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return ",".join(value) if isinstance(value, tuple) else value
