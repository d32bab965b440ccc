"""A simulated Graph in this process and a client of it: only what sweeps need."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.observability.metrics import Metrics
from app.runtime import wiring
from app.settings.environment import Settings
from app.simulator.server import start
from app.simulator.world import World


@dataclass
class Graph:
    world: World
    client: Any

    @property
    def tenant_id(self):
        return self.world.tenant_id

    @property
    def clients(self):
        return {self.tenant_id: self.client}

    def listings(self):
        """Every request for the list of call records."""
        return [asked for asked in self.world.journal.requests if "/callRecords?" in asked.path]


@pytest.fixture
async def graph(tmp_path):
    ca_file = tmp_path / "graph" / "ca.pem"
    running = await start(ca_file=ca_file)
    world = running.world
    settings = Settings(
        _env_file=None,
        azure_tenant_id=world.tenant_id,
        azure_client_id=world.client_id,
        azure_client_secret=world.client_secret,
        azure_authority_host=running.url,
        graph_base_url=running.url,
        ssl_cert_file=ca_file,
        public_url="http://127.0.0.1:1",
    )
    async with wiring.open_graph(settings, Metrics()) as opened:
        yield Graph(world, opened.clients[world.tenant_id])
    await running.stop()
