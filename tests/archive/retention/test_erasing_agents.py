"""Who answered a call of a queue and is erased is in no step of a call, row of a log, earlier content or event."""

from types import SimpleNamespace

import pytest

from app.archive.call_logs import store
from app.archive.erasure.erase_person import erase
from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from app.archive.schema.outcome_tables import voice_app_steps
from app.db import direct
from app.fetch import call_events
from app.outbox.event import CALL_ARCHIVED, CALL_POOR
from app.outbox.listeners import Listener, Listeners
from app.outbox.tables import deliveries
from app.telephony.joins.job import JoinLogRows
from tests.archive.call_logs.log_rows import TENANT as TENANT_OF_ROWS
from tests.archive.call_logs.log_rows import direct_routing, pstn
from tests.archive.outcomes.test_saved_outcomes import a_call
from tests.archive.records import NOW, guid, kept, rows_of, save
from tests.archive.retention.archived_calls import everything, found_in

pytestmark = pytest.mark.anyio

NUMBER = "+49301230077"
EVERY = Listeners(1, (Listener("webhook", frozenset({CALL_ARCHIVED, CALL_POOR}), None),))


async def stored(database):
    """A call of a queue with its steps, its event, and the agent's rows in both logs, one of them changed."""
    record = kept(a_call())
    await save(database, record)
    (agent,) = [row for row in await rows_of(database, voice_app_steps) if row["kind"] == "agent"]
    who = {"userId": agent["object_id"], "userDisplayName": agent["name"], "userPrincipalName": "agent.x@contoso.com"}
    await direct_events(database, record)
    call = {"correlationId": guid(1), "callType": "ByotIn", "calleeNumber": NUMBER}
    async with database.begin() as db:
        for row in (direct_routing(**who, **call), direct_routing(**who, **call, duration=7)):
            await store.put(db, [row], NOW)
        await store.put(db, [pstn(**who, callerNumber=NUMBER)], NOW)
    await JoinLogRows(database, holder="test").once()
    return [agent["object_id"], agent["name"], "agent.x@contoso.com", NUMBER.removeprefix("+")]


async def direct_events(database, record):
    begun = SimpleNamespace(current=[(1, record)], replaced=())
    async with database.begin() as db:
        await direct.run(db, call_events.writing_of(db.dialect, EVERY, begun))


async def test_an_erased_agent_is_in_no_table(database):
    traces = await stored(database)
    for table in (voice_app_steps, call_log_rows, call_log_row_versions, deliveries):
        assert await rows_of(database, table), table.name
    assert set(found_in(await everything(database), traces)) == set(traces)
    await erase(database, traces[0])
    assert found_in(await everything(database), traces) == []
    (step,) = [row for row in await rows_of(database, voice_app_steps) if row["kind"] == "agent"]
    assert step["object_id"] not in {None, traces[0]}  # a pseudonym, so that the step still counts
    assert {row["tenant_id"] for row in await rows_of(database, call_log_rows)} == {TENANT_OF_ROWS}
