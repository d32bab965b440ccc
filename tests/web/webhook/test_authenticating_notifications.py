"""Each item of a collection is judged by itself: what is not ours is counted and spoils nothing else."""

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from app.inbox import tenant_state
from app.observability.metrics import Metrics
from app.subscriptions import model
from tests.moving import move_time
from tests.web.application import (
    LIFECYCLE,
    NOTIFICATIONS,
    OTHER,
    STRANGER,
    TENANT,
    a_change,
    an_event,
    calling,
    events,
    id_of,
    notify,
    opened,
    outcomes,
    subscribed,
    waiting,
    without,
)

pytestmark = pytest.mark.anyio

NA = dict.fromkeys(("subscriptionId", "resource", "clientState", "tenantId"), "NA")
DUMMY = NA | {"changeType": "Validation: Testing client application reachability for subscription Request-Id: 1"}
SECRET_ID = "11111111-2222-4333-8444-555555555555"


def NOT_UNDERSTOOD(client_state):  # noqa: N802 -- a table that needs the client state
    """Of our tenant and with our client state, and in no form that is known."""
    return [
        a_change(client_state, resourceData={"id": "../users"}, resource="communications/callRecords/1"),
        a_change(client_state, resource=f"communications/callRecords(%2527{SECRET_ID}%2527)", resourceData=None),
        a_change(client_state, resource="chats/1/messages/2"),
        a_change(client_state, changeType="new"),
        an_event(client_state, subscriptionId=None),
    ]


@pytest.fixture
def logged():
    with capture_logs() as lines:
        yield lines


async def test_of_a_mixed_collection_exactly_the_good_items_are_kept(graph, database, client_state, metrics):
    good = [a_change(client_state), a_change(client_state, changeType="created")]
    event = an_event(client_state)
    bad = {
        "client_state": [a_change("forged"), without(a_change(client_state), "clientState"), a_change(None)],
        "tenant": [a_change(client_state, tenantId=STRANGER), without(a_change(client_state), "tenantId")],
        "call_id": [a_change("forged", resourceData={"id": "../users"}, resource="communications/callRecords/1")],
        "change_type": [a_change(client_state, changeType="deleted"), a_change(None, changeType="new"), DUMMY],
        "resource": [a_change("forged", resource="chats/1/messages/2")],
        "malformed": ["text", 1, None, [], an_event("forged", subscriptionId=None)],
        "not_understood": NOT_UNDERSTOOD(client_state),
    }
    answer = await notify(graph, good[0], *(item for items in bad.values() for item in items), event, good[1])
    assert answer.status_code == 202
    assert await waiting(database) == sorted(map(id_of, good))
    assert await events(database) == [(TENANT, event["subscriptionId"], "missed")]
    assert outcomes(metrics) == {"stored": 2, "lifecycle": 1} | {why: len(items) for why, items in bad.items()}


@pytest.mark.parametrize("url", [NOTIFICATIONS, LIFECYCLE])
@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed", "aNewOne"])
async def test_a_lifecycle_event_is_noted_on_either_url(graph, database, client_state, url, event):
    item = an_event(client_state, event)
    for _ in range(2):
        assert (await notify(graph, item, to=url)).status_code == 202
    assert await events(database) == [(TENANT, item["subscriptionId"], event)]


async def test_a_change_is_stored_on_the_lifecycle_url_too(graph, database, client_state):
    item = a_change(client_state)
    assert (await notify(graph, item, to=LIFECYCLE)).status_code == 202
    assert await waiting(database) == [id_of(item)]


async def test_a_lifecycle_event_without_a_tenant_is_of_the_tenant_whose_client_state_it_has(graph, database, metrics):
    theirs = await subscribed(database, OTHER)
    item = without(an_event(theirs), "tenantId")
    await notify(graph, item, without(an_event("forged"), "tenantId"), without(an_event(None), "tenantId"))
    assert await events(database) == [(OTHER, item["subscriptionId"], "missed")]
    assert outcomes(metrics) == {"lifecycle": 1, "tenant": 2}


async def test_a_forged_lifecycle_event_is_ignored(graph, database, client_state, metrics):
    await notify(graph, an_event("forged"), an_event(None), an_event(client_state, tenantId=OTHER), to=LIFECYCLE)
    assert await events(database) == []
    assert outcomes(metrics) == {"client_state": 3}


async def test_one_tenants_client_state_proves_nothing_for_another(graph, database, client_state, metrics):
    await subscribed(database, OTHER)
    await notify(graph, a_change(client_state, tenantId=OTHER))
    assert await waiting(database) == []
    assert outcomes(metrics) == {"client_state": 1}


async def test_a_subscription_of_another_process_is_recognised_at_its_first_notification(graph, database, metrics):
    """Even in the moment after a forgery, which has just made us look."""
    for _ in range(3):
        await notify(graph, a_change("forged"))
        item = a_change(await subscribed(database))
        await notify(graph, item)
        assert id_of(item) in await waiting(database)
    assert outcomes(metrics) == {"client_state": 3, "stored": 3}


async def test_a_collection_of_a_thousand_forgeries_is_answered_after_one_look(graph, database, client_state, metrics):
    good = a_change(client_state)
    forged = [a_change(f"forged {number}") for number in range(1_000)]
    assert (await notify(graph, *forged, good)).status_code == 202
    assert await waiting(database) == [id_of(good)]
    assert outcomes(metrics) == {"client_state": 1_000, "stored": 1}


async def test_the_client_state_of_an_ended_subscription_is_believed_for_a_day(database, client_state):
    ended = await subscribed(database, ended_at=datetime.now(UTC))
    assert await is_believed(database, ended)
    await move_time(database, hours=23)
    assert await is_believed(database, ended)
    await move_time(database, hours=1, minutes=1)
    assert not await is_believed(database, ended)
    assert await is_believed(database, client_state)


async def is_believed(database, client_state):
    """By a process that starts now."""
    item = a_change(client_state)
    async with opened(database, Metrics()) as app, calling(app) as graph:
        assert (await notify(graph, item)).status_code == 202
    return id_of(item) in await waiting(database)


async def test_one_that_is_not_named_by_graph_yet_is_believed(graph, database):
    """Graph may notify before it has answered our create call."""
    item = a_change(await subscribed(database, subscription_id=None, expires_at=None))
    await notify(graph, item)
    assert await waiting(database) == [id_of(item)]


async def test_the_database_has_only_the_hash(database, client_state):
    async with database.reading() as db:
        digest = (await db.execute(model.subscriptions.select())).one().client_state_sha256
    assert digest == model.hashed(client_state)
    assert len(client_state) <= 128


async def test_what_is_not_understood_is_counted_for_its_tenant_and_logged_without_its_content(
    graph, database, client_state, metrics, logged
):
    item = NOT_UNDERSTOOD(client_state)[1]
    item["tenantId"] = TENANT.upper()
    assert (await notify(graph, item, item, a_change(client_state))).status_code == 202
    assert outcomes(metrics) == {"not_understood": 2, "stored": 1}
    (line,) = [line for line in logged if line["event"] == "notification_not_understood"]
    assert (line["log_level"], line["tenant_id"], line["items"]) == ("warning", TENANT, 2)
    assert "resource=communications/callRecords(%2527x8-x4-x4-x4-x12%2527)" in line["shape"]
    async with database.reading() as db:
        row = await tenant_state.find(db, TENANT)
    assert (row.not_understood_total, row.not_understood_shape) == (2, line["shape"])
    assert row.not_understood_at == row.notified_at
    for content in (SECRET_ID, SECRET_ID[:8], client_state, item["subscriptionId"]):
        assert content not in str(line)


async def test_a_forgery_that_is_not_understood_is_counted_for_no_tenant(
    graph, database, client_state, metrics, logged
):
    forged = [
        *NOT_UNDERSTOOD("forged"),
        *NOT_UNDERSTOOD(None),
        a_change(client_state, resource="chats/1", tenantId=STRANGER),
        a_change(client_state, resource="chats/1", tenantId=OTHER),
    ]
    await notify(graph, *forged)
    assert "not_understood" not in outcomes(metrics)
    assert [line for line in logged if line["event"] == "notification_not_understood"] == []
    async with database.reading() as db:
        assert (await tenant_state.find(db, TENANT)).not_understood_total == 0


async def test_more_of_what_is_not_understood_adds_up(graph, database, client_state):
    for number in range(1, 4):
        await notify(graph, NOT_UNDERSTOOD(client_state)[number])
        async with database.reading() as db:
            row = await tenant_state.find(db, TENANT)
        assert row.not_understood_total == number
    assert "changeType=x3" in row.not_understood_shape
