"""Slow readers occupy every connection that the pages and the API share: the webhook has its own."""

from contextlib import AsyncExitStack

import pytest

from app.db.database import READERS
from tests.web.application import a_change, id_of, notify, waiting

pytestmark = pytest.mark.anyio

POOL = {"sqlite": READERS, "postgresql": 8}


async def test_a_notification_is_stored_while_readers_occupy_every_connection(database, graph, client_state):
    item = a_change(client_state)
    async with AsyncExitStack() as readers:
        for _ in range(POOL[database.dialect]):
            await readers.enter_async_context(database.reading())
        assert (await notify(graph, item)).status_code == 202
    assert await waiting(database) == [id_of(item)]
