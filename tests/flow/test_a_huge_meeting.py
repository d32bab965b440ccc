"""A meeting of thousands is stored whole while the receiver goes on answering."""

from contextlib import asynccontextmanager
from itertools import pairwise
from time import thread_time

import anyio
import httpx
import pytest

from app.access.audit import Audit
from app.observability.metrics import Metrics
from app.simulator.records import a_call_record
from app.subscriptions import model
from app.web import app as web
from app.web.auth.callers import Keys
from app.web.auth.wrong_keys import WrongKeys
from app.web.context import Context
from app.web.server import Server
from app.web.webhook.receiver import Receiver
from tests.flow.service import free_port
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def meeting():
    return a_call_record(seed=7, type="groupCall", sessions=3000, participants=2900)


async def test_3000_sessions_are_stored_whole_while_notifications_are_answered(hands, world, meeting):
    call_id = world.put(meeting).id
    await hands.notice(call_id)
    async with a_door(hands) as post, anyio.create_task_group() as tasks:
        tasks.start_soon(hands.worker.run)
        answers, worked = [await post(0)], [thread_time()]
        while await hands.held(call_id) is None and len(answers) < 10_000:
            answers.append(await post(len(answers)))
            worked.append(thread_time())
        hands.worker.stop()
    assert set(answers) == {202}
    # Of this thread alone, so that a busy machine does not count: Graph waits 3 seconds for an answer.
    assert max(later - earlier for earlier, later in pairwise(worked)) < 1
    assert len(answers) > 5  # while the meeting was read and stored
    assert await hands.held(call_id) == (1, True)
    assert await hands.document(call_id) == meeting
    # The first page of sessions and that of participants, the other pages of both, the version again.
    assert world.journal.record_gets[call_id] == 1 + 1 + 49 + 22 + 1


@asynccontextmanager
async def a_door(hands):
    """The web routes beside the worker in one event loop, as `serve` has them."""
    state = await subscribe(hands)
    metrics, port = Metrics(), free_port()
    context = Context(
        hands.database, (hands.tenant_id,), Keys(None), metrics, Audit(hands.database), WrongKeys(metrics)
    )
    async with Receiver(hands.database, context.tenant_ids, metrics, patience=PATIENCE) as receiver:
        server = Server(web.make(context, receiver, metrics), "127.0.0.1", port)
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http, anyio.create_task_group() as tasks:
            tasks.start_soon(server.run)
            await until(server.listening.is_set)

            async def post(number):
                item = a_notification(hands.tenant_id, f"cccccccc-0000-4000-8000-{number % 2:012}", state)
                answer = await http.post(f"http://127.0.0.1:{port}/graph/notifications", json={"value": [item]})
                return answer.status_code

            yield post
            server.stop()


async def subscribe(hands):
    async with hands.database.begin() as db:
        _, state = await model.insert(db, hands.tenant_id, "https://us/a", "https://us/b", hands.world.now())
    return state


def a_notification(tenant_id, call_id, state):
    return {
        "subscriptionId": "dddddddd-0000-4000-8000-000000000000",
        "subscriptionExpirationDateTime": "2030-01-01T00:00:00Z",
        "clientState": state,
        "tenantId": tenant_id,
        "changeType": "updated",
        "resource": f"communications/callRecords/{call_id}",
        "resourceData": {"id": call_id},
    }
