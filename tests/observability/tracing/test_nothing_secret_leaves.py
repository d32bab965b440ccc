"""No token, client state or person's name is in any span, whoever made it: ours, or FastAPI on its own."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, TraceFlags, TraceState

from app.observability.tracing.export import stripped
from app.observability.tracing.spans import ALLOWED
from app.simulator.records import a_call_record
from tests.web.application import KEY, a_change, notify, subscribed

pytestmark = pytest.mark.anyio
NAME = "Adele.Vance"
TOKEN = "a-validation-token"


async def everything_is_asked(client, world, hands, client_state):
    """A handshake, notifications, a fetch, a page after page, questions with names in query and path."""
    await client.post(f"/graph/notifications?validationToken={TOKEN}")
    document = a_call_record(type="groupCall", participants=5, sessions=9)
    world.put(document)
    change = a_change(client_state, tenantId=world.tenant_id, call_id=document["id"])
    await notify(client, change, a_change(f"wrong-{client_state}", tenantId=world.tenant_id))
    await hands.work()
    trail = {"tracestate": f"who={NAME}", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "baggage": f"who={NAME}"}
    await client.get(f"/api/calls?participant={NAME}&cursor={TOKEN}", headers=trail)
    await client.get(f"/api/calls/{NAME}")
    await client.get(f"/api/nothing/{NAME}", headers={"Host": f"{NAME}.example"})
    await client.request(NAME.upper(), "/api/calls")
    people = [person["user"]["displayName"] for person in names_in(document)]
    return [NAME, NAME.upper(), TOKEN, client_state, KEY, world.client_secret, "eyJ", "skiptoken", *people]


def names_in(value):
    if isinstance(value, list):
        return [found for inner in value for found in names_in(inner)]
    if not isinstance(value, dict):
        return []
    here = [value] if isinstance(value.get("user"), dict) and value["user"].get("displayName") else []
    return here + [found for inner in value.values() for found in names_in(inner)]


async def test_no_secret_is_in_any_span(client, database, world, traced_hands, left):
    world.change_settings({"session_page": 3, "participant_page": 2})
    client_state = await subscribed(database, world.tenant_id)
    secrets = await everything_is_asked(client, world, traced_hands, client_state)
    spans = left.all()
    assert {"POST /graph/notifications", "inbox put", "fetch", "GET page", "GET /api/calls"} <= {s.name for s in spans}
    assert len(secrets) > 10
    for span in spans:
        written = span.to_json() + str(span.context.trace_state) + str([link.context for link in span.links])
        assert not [secret for secret in secrets if secret.lower() in written.lower()], written


async def test_every_attribute_is_one_that_is_documented(client, database, world, traced_hands, left):
    await everything_is_asked(client, world, traced_hands, await subscribed(database, world.tenant_id))
    assert {name for span in left.all() for name in span.attributes} <= ALLOWED
    assert [span for span in left.all() if span.events or span.status.description] == []


async def test_a_handshake_is_a_span_without_its_token(client, left):
    await client.post(f"/graph/notifications?validationToken={TOKEN}")
    assert left.one("POST /graph/notifications").attributes["callkeeper.handshake"] is True


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_who_looks_every_few_seconds_leaves_no_span(client, left, path):
    await client.get(path)
    assert left.all() == []


async def test_a_route_is_reported_by_its_pattern(client, left):
    await client.get(f"/api/calls/{NAME}")
    assert dict(left.one("GET /api/calls/{call_id}").attributes) == {
        "http.request.method": "GET",
        "http.route": "/api/calls/{call_id}",
        "http.response.status_code": 404,
    }


def test_what_another_library_puts_into_a_span_is_taken_out():
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1), trace_state=TraceState([("who", NAME)]))
    span = ReadableSpan("GET", context, parent=context, attributes={"url.query": NAME, "http.route": "/api/calls"})
    left = stripped(span)
    assert dict(left.attributes) == {"http.route": "/api/calls"}
    assert not left.context.trace_state
    assert not left.parent.trace_state
