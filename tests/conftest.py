"""The plugins of the whole suite, one for each subject."""

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.bytecode", "tests.databases", "tests.order", "tests.statements"]

# A busy machine makes examples slowly; that is no defect of what is tested.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


@pytest.fixture
def anyio_backend():
    return "asyncio"
