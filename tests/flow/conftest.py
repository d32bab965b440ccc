"""A simulated Graph in this process, and Callkeeper's processes around it; all of them end with their test."""

from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.simulator.server import start as start_graph
from app.simulator.world import World
from tests.flow.hands import hands as make_hands
from tests.flow.programs import Fork, Program
from tests.flow.service import Service, environment, free_port


@pytest.fixture(scope="session")
def key():
    """Making one takes long; the tests share it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def ca_file(tmp_path):
    return tmp_path / "ca.pem"


@pytest.fixture
async def running(key, ca_file):
    running = await start_graph(ca_file=ca_file, world=World(seed=1, key=key))
    running.world.change_settings({"batch_pause_s": 0, "retry_base_s": 0.05, "throttle": False})
    yield running
    await running.stop()


@pytest.fixture
def world(running):
    return running.world


@pytest.fixture
async def start(running, ca_file, tmp_path):
    """Starts a process with these arguments; each line that it logs must be an event."""
    programs, numbers = [], count(1)

    def start(*arguments, database_url, kind=Fork, **settings):
        variables = environment(running, ca_file, database_url, **settings)
        program = kind(arguments, variables, tmp_path, tmp_path / f"{arguments[0]}-{next(numbers)}.log")
        programs.append(program)
        return program

    yield start
    for program in programs:
        await program.kill()
    for program in programs:
        assert not [event for event in program.events() if is_a_mistake(event)], program.text()


def is_a_mistake(event):
    """What nobody caught, or a library complains of."""
    return "exception" in event


@pytest.fixture
async def serve(start):
    """Starts the service and returns it once it listens, or at once with ``wait=False``."""
    services = []

    async def serve(*arguments, port=None, wait=True, **settings):
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        program = start("serve", "--port", str(port), *arguments, **{"PUBLIC_URL": url, **settings})
        services.append(Service(program, url))
        return await services[-1].listens() if wait else services[-1]

    yield serve
    for service in services:
        await service.http.aclose()


@pytest.fixture
def serve_really(serve):
    """As a person starts it: `python -m app serve`."""

    async def serve_really(*arguments, **settings):
        return await serve(*arguments, kind=Program, **settings)

    return serve_really


@pytest.fixture
async def hands(database, running, ca_file):
    """A worker in this process."""
    async with make_hands(database, running, ca_file) as hands:
        yield hands


@pytest.fixture
async def two_tenants(database, running, ca_file):
    """The same for two tenants, and the second one's id."""
    other = "0b9f4c5e-1d2a-4f6b-8c3d-5e7f90a1b2c3"
    running.world.directory.add_tenant(other, "fabrikam.example")
    async with make_hands(database, running, ca_file, more_tenants=[other]) as hands:
        yield hands, other
