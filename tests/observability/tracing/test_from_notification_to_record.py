"""The traces of one call: told by Graph, stored, fetched, saved; and how they hang together."""

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from app.fetch.reconciliation.reconcile import Reconcile
from app.observability.tracing import OFF
from app.simulator.records import a_call_record
from app.subscriptions.ensure import Ensure
from app.subscriptions.graph import Urls
from tests.web.application import a_change, notify, subscribed

pytestmark = pytest.mark.anyio
POST = "POST /graph/notifications"


@pytest.fixture
async def client_state(database, world):
    return await subscribed(database, world.tenant_id)


async def announced(client, world, client_state, *documents):
    """As Graph would post it: one POST for all of them."""
    changes = [a_change(client_state, tenantId=world.tenant_id, call_id=document["id"]) for document in documents]
    assert (await notify(client, *changes)).status_code == 202


def put(world, **recipe):
    document = a_call_record(**recipe)
    world.put(document)
    return document


async def test_a_fetch_is_linked_to_the_notification_that_announced_it(client, client_state, world, traced_hands, left):
    await announced(client, world, client_state, document := put(world))
    await traced_hands.work()
    fetch, post = left.one("fetch"), left.one(POST)
    assert [link.context.span_id for link in fetch.links] == [post.context.span_id]
    assert [link.context.trace_id for link in fetch.links] == [post.context.trace_id]
    assert (fetch.parent, fetch.kind, fetch.context.trace_id != post.context.trace_id) == (
        None,
        SpanKind.CONSUMER,
        True,
    )
    assert await traced_hands.held(document["id"]) == (1, True)


async def test_of_two_notifications_the_later_one_is_linked(client, client_state, world, traced_hands, left):
    document = put(world)
    await announced(client, world, client_state, document)
    await announced(client, world, client_state, document)
    await traced_hands.work()
    assert left.one("fetch").links[0].context.span_id == left.all(POST)[1].context.span_id


async def test_what_a_fetch_does_is_within_it(client, client_state, world, traced_hands, left):
    await announced(client, world, client_state, put(world))
    await traced_hands.work()
    fetch = left.one("fetch")
    within = {span.name: span for span in left.all() if span.context.trace_id == fetch.context.trace_id}
    assert {"GET call_record", "archive save"} < set(within)
    assert {span.parent.span_id for name, span in within.items() if name != "fetch"} == {fetch.context.span_id}


async def test_a_commit_is_within_the_notification_that_it_stores(client, client_state, world, left):
    await announced(client, world, client_state, put(world), put(world))
    commit, post = left.one("inbox put"), left.one(POST)
    assert commit.parent.span_id == post.context.span_id
    assert commit.attributes["callkeeper.notices"] == 2


async def test_spans_say_what_was_done(client, client_state, world, traced_hands, left):
    document = put(world, version=3)
    await announced(client, world, client_state, document)
    await traced_hands.work()
    assert dict(left.one("fetch").attributes) == {
        "callkeeper.tenant_id": world.tenant_id,
        "callkeeper.call_id": document["id"],
        "callkeeper.attempts": 1,
        "callkeeper.outcome": "stored",
        "callkeeper.version": 3,
    }
    assert left.one("inbox claim").attributes["callkeeper.claimed"] == 1
    assert left.one("archive save").attributes["callkeeper.records"] == 1
    assert left.one("archive save").attributes["callkeeper.rows"] > 3


async def test_a_post_tells_how_many_items_came_and_what_became_of_them(client, client_state, world, left):
    strange = a_change("a wrong client state", tenantId=world.tenant_id)
    await notify(client, strange, a_change(client_state, tenantId=world.tenant_id))
    assert dict(left.one(POST).attributes) == {
        "http.request.method": "POST",
        "http.route": "/graph/notifications",
        "http.response.status_code": 202,
        "callkeeper.items": 2,
        "callkeeper.items.client_state": 1,
        "callkeeper.items.stored": 1,
    }


async def test_a_request_to_graph_follows_the_conventions(world, traced_hands, left):
    await traced_hands.work(put(world)["id"])
    request = left.all("GET call_record")[0]
    assert request.kind == SpanKind.CLIENT
    assert request.attributes["http.request.method"] == "GET"
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["server.address"] in {"localhost", "127.0.0.1"}
    assert request.attributes["callkeeper.graph.request_id"]


async def test_what_failed_is_reported_by_its_kind(world, traced_hands, left):
    await traced_hands.work("00000000-0000-4000-8000-0000000000ff")  # Graph does not have it
    request, fetch = left.all("GET call_record")[0], left.one("fetch")
    assert (request.attributes["error.type"], request.status.status_code) == ("404", StatusCode.ERROR)
    assert (fetch.attributes["error.type"], fetch.attributes["callkeeper.outcome"]) == ("NotFound", "again")
    assert (fetch.status.description, fetch.events) == (None, ())


async def test_what_a_sweep_found_is_linked_to_the_sweep(database, world, traced_hands, left):
    put(world)
    client = traced_hands.clients[world.tenant_id]
    await Reconcile(database, {world.tenant_id: client}, None, holder="h", tracing=left.tracing).sweep(world.tenant_id)
    await traced_hands.work()
    sweep, fetch = left.one("sweep"), left.one("fetch")
    assert (sweep.attributes["callkeeper.listed"], sweep.attributes["callkeeper.queued"]) == (1, 1)
    assert fetch.links[0].context.span_id == sweep.context.span_id


async def test_looking_after_the_subscription_says_what_was_done(database, world, traced_hands, left):
    world.faults.add({"fault": "status", "status": 403, "match": {"path": "subscriptions"}})
    client = traced_hands.clients[world.tenant_id]
    urls = Urls.under("https://we.example")
    ensure = Ensure(database, client, world.tenant_id, urls, holder="h", consent_url="https://c", tracing=left.tracing)
    assert not (await ensure()).good
    span = left.one("subscription ensure")
    assert (span.attributes["callkeeper.action"], span.status.status_code) == ("failed", StatusCode.ERROR)
    assert left.one("GET subscriptions").parent.span_id == span.context.span_id


async def test_without_a_provider_nothing_is_remembered(database, world, hands):
    assert await hands.work(put(world)["id"]) == 1
    assert OFF.current() is None
    assert OFF.traceparent() is None
