"""A simulated Graph with a few calls in it, and a copy of the project beside it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.simulator.records import a_call_record
from app.simulator.server import start as start_graph
from app.simulator.world import World
from tests.docs.stage import prepare


@pytest.fixture(scope="session")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
async def running(key, tmp_path):
    running = await start_graph(ca_file=tmp_path / "ca.pem", world=World(seed=1, key=key))
    running.world.change_settings({"batch_pause_s": 0, "retry_base_s": 0.05, "throttle": False})
    for number in range(3):
        running.world.put(a_call_record(seed=number), notify=False)
    yield running
    await running.stop()


@pytest.fixture
def stage(running, tmp_path):
    return prepare(tmp_path / "callkeeper", running, tmp_path / "ca.pem")
