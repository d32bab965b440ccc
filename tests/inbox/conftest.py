import pytest

from tests.inbox.box import Box


@pytest.fixture
def box(database):
    return Box(database)
