"""The application in this process, on both databases, with one live subscription."""

import pytest

from app.observability.metrics import Metrics
from tests.web.application import KEY, calling, opened, subscribed


@pytest.fixture
def metrics():
    return Metrics()


class NoDatabase:
    """Fails the test that uses it."""

    dialect = "sqlite"

    def dedicated(self, *_):
        return self

    async def close(self):
        pass

    def begin(self):
        raise AssertionError("this touches no database")

    reading = writing = begin

    async def warm(self):
        return False


@pytest.fixture
async def nowhere(metrics):
    """A client of an application that has no database."""
    async with opened(NoDatabase(), metrics) as app, calling(app) as client:
        yield client


@pytest.fixture
async def client_state(database):
    return await subscribed(database)


@pytest.fixture
async def app(database, metrics):
    async with opened(database, metrics) as app:
        yield app


@pytest.fixture
async def graph(app):
    """Posts as Graph does, without a key."""
    async with calling(app) as client:
        yield client


@pytest.fixture
async def api(app):
    async with calling(app, key=KEY) as client:
        yield client
