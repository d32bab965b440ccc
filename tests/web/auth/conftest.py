import pytest

from tests.web.auth.guarded import ours, theirs


@pytest.fixture
async def two_tenants(database):
    await theirs(database)
    await ours(database)
