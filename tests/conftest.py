"""The plugins of the whole suite; the databases and the order of the tests are two subjects."""

import pytest

pytest_plugins = ["tests.databases", "tests.order"]


@pytest.fixture
def anyio_backend():
    return "asyncio"
