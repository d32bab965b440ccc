"""The application that the files of deploy/ ask, in this process."""

import asyncpg
import pytest

from app.observability.metrics import Metrics
from tests.deploy.promql import exported
from tests.web.application import calling, opened, subscribed


@pytest.fixture
async def web(database):
    """A client without a key, as probes and Prometheus are."""
    async with opened(database, Metrics()) as app, calling(app) as client:
        yield client


@pytest.fixture
async def known(web, database):
    """Every series that /metrics exports, with its labels."""
    await subscribed(database)
    return exported((await web.get("/metrics")).text)


@pytest.fixture
async def postgresql_connection(database_url):
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()
