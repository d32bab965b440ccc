"""An installation for each test: the database, the service on a real socket, and a simulated Graph of its own."""

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.inbox import tenant_state
from app.observability.metrics import Metrics
from app.simulator.server import start
from app.simulator.world import World
from app.web.server import Server
from tests.subscriptions.installation import OTHER, Installation
from tests.web.application import opened


@pytest.fixture(scope="session")
def key():
    """Making one takes long; the tests share it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def ca_file(tmp_path):
    return tmp_path / "graph" / "ca.pem"


@pytest.fixture
async def running(key, ca_file):
    running = await start(ca_file=ca_file, world=World(key=key))
    running.world.change_settings({"batch_pause_s": 0, "retry_base_s": 0.01})
    running.world.directory.add_tenant(OTHER, "other.example")
    yield running
    await running.stop()


@pytest.fixture
async def port(database, running):
    tenant_ids = (running.world.tenant_id, OTHER)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, tenant_ids)
    async with opened(database, Metrics(), tenant_ids=tenant_ids) as app:
        server = Server(app, "127.0.0.1", 0, drain=0)  # the simulated Graph leaves its connections open
        serving = asyncio.create_task(server.run())
        await server.listening.wait()
        yield server.port
        server.stop()
        await serving


@pytest.fixture
def installation(running, ca_file, database, database_url, port):
    return Installation(running, ca_file, database, database_url, port)
