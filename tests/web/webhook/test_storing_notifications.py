"""202 means stored: only after the commit, and a database that cannot take it is a 503 in time."""

import asyncio
from contextlib import asynccontextmanager
from time import monotonic
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from app.web.webhook.receiver import Receiver
from tests.web.application import TENANT, a_change, an_event, calling, events, id_of, notify, opened, outcomes, waiting
from tests.web.locks import locked

pytestmark = pytest.mark.anyio


async def test_a_collection_is_stored_and_answered_with_an_empty_202(graph, database, client_state, metrics):
    items = [a_change(client_state) for _ in range(3)]
    answer = await notify(graph, *items)
    assert (answer.status_code, answer.content) == (202, b"")
    assert await waiting(database) == sorted(map(id_of, items))
    assert outcomes(metrics) == {"stored": 3}


async def test_the_same_collection_twice_is_one_row_a_call(graph, database, client_state):
    items = [a_change(client_state, call_id=str(uuid4())), a_change(client_state)]
    for _ in range(2):
        assert (await notify(graph, *items, items[0])).status_code == 202
    assert await waiting(database) == sorted(map(id_of, items))


async def test_a_hundred_items_in_one_post_are_all_stored(graph, database, client_state):
    items = [a_change(client_state) for _ in range(100)]
    assert (await notify(graph, *items)).status_code == 202
    assert await waiting(database) == sorted(map(id_of, items))


async def test_fifty_posts_at_once_are_all_stored(graph, database, client_state, metrics):
    items = [a_change(client_state) for _ in range(50)]
    answers = await asyncio.gather(*(notify(graph, item) for item in items))
    assert {answer.status_code for answer in answers} == {202}
    assert await waiting(database) == sorted(map(id_of, items))
    assert outcomes(metrics) == {"stored": 50}


async def test_posts_that_share_calls_do_not_lock_each_other_out(graph, database, client_state):
    items = [a_change(client_state) for _ in range(20)]
    answers = await asyncio.gather(*(notify(graph, *items[:: 1 if n % 2 else -1]) for n in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await waiting(database)) == 20


async def test_nothing_in_the_collection_is_fine(graph, database):
    assert (await notify(graph)).status_code == 202
    assert await waiting(database) == []


class Breaks:
    """The database, but each commit fails."""

    def __init__(self, database):
        self.dialect, self.reading, self._database = database.dialect, database.reading, database

    def dedicated(self, *_):
        return self

    async def close(self):
        pass

    async def warm(self):
        pass

    @asynccontextmanager
    async def writing(self):
        async with self._database.begin() as db:
            yield db
            raise OperationalError("COMMIT", None, Exception("disk full"))


async def test_a_commit_that_fails_is_a_503_to_come_again_and_nothing_is_stored(database, client_state, metrics):
    async with opened(Breaks(database), metrics) as app, calling(app) as graph:
        answer = await notify(graph, a_change(client_state), an_event(client_state))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await waiting(database), await events(database)) == ([], [])
    assert outcomes(metrics) == {"not_stored": 2}


async def test_a_database_that_hangs_is_a_503_within_3_seconds_and_what_came_is_stored_later(
    graph, database, database_url, client_state, metrics
):
    item = a_change(client_state)
    async with locked(database_url):
        begun = monotonic()
        answer = await notify(graph, item)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert monotonic() - begun < 3.5  # at most 2.5 s, and a margin for a busy machine
    assert (await notify(graph, item)).status_code == 202
    assert await waiting(database) == [id_of(item)]


async def test_a_202_waits_for_the_commit(graph, database, database_url, client_state):
    item = a_change(client_state)
    async with locked(database_url):
        posting = asyncio.create_task(notify(graph, item))
        done, _ = await asyncio.wait([posting], timeout=0.3)
        assert not done
    assert (await posting).status_code == 202
    assert await waiting(database) == [id_of(item)]


async def test_the_worker_is_woken_by_what_is_stored_and_the_renewal_by_an_event(database, client_state, metrics):
    seen = []
    on_queued, on_event = (lambda: seen.append("queued")), (lambda: seen.append("lifecycle event"))
    async with Receiver(database, [TENANT], metrics, on_queued=on_queued, on_lifecycle_event=on_event) as receiver:
        await receiver.take([a_change("forged"), an_event("forged")])
        assert seen == []
        await receiver.take([a_change(client_state), an_event(client_state)])
    assert seen == ["queued", "lifecycle event"]
