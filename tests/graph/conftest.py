import httpx
import pytest

from app.graph.client import GraphClient
from app.graph.transport import http_client
from tests.graph.graph_server import GraphServer, RecordingPace


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def graph(anyio_backend):
    async with GraphServer() as server:
        yield server


@pytest.fixture
async def elsewhere(anyio_backend):
    async with GraphServer() as server:
        yield server


@pytest.fixture
async def http(anyio_backend):
    async with http_client.client(ca_file=None) as client:
        yield client


@pytest.fixture
def pace():
    return RecordingPace()


class Known(httpx.Auth):
    """A token that needs no login, for the tests that are not about logins."""

    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer known"
        yield request


@pytest.fixture
def client_with(graph, http, pace):
    """Makes a client; ``changes`` are arguments of GraphClient."""

    def make(**changes):
        usual = {"http": http, "auth": Known(), "root": graph.root, "version": "v1.0", "tenant_id": "t", "pace": pace}
        return GraphClient(**usual | {"sleep": pace.sleep} | changes)

    return make


@pytest.fixture
def client(client_with):
    return client_with()
