"""What the network in front of a collector does to the handshake, and how Graph reports it."""

import pytest
from aiohttp import web

from tests.simulator.conftest import a_subscription

pytestmark = pytest.mark.anyio
ROOT = "/v1.0/subscriptions"
WORDS = {
    "Forbidden": (
        "Subscription validation request failed. HTTP status code is 'Forbidden'. Notification endpoint must "
        "respond with 200 OK to validation request."
    ),
    "NotFound": (
        "Subscription validation request failed. HTTP status code is 'NotFound'. Notification endpoint must "
        "respond with 200 OK to validation request."
    ),
    "redirect": (
        "Subscription validation request failed. HTTP status code is 'Redirect'. Notification endpoint must "
        "respond with 200 OK to validation request."
    ),
    "timed out": "Subscription validation request timed out.",
}


@pytest.mark.parametrize("refusal", WORDS)
async def test_a_refused_handshake_creates_nothing_and_is_reported_in_graphs_words(client, receiver, world, refusal):
    await client.control("POST", "/settings", {"handshake_refusal": refusal})
    status, body, _ = await client.ask("POST", ROOT, body=a_subscription(receiver))
    assert (status, body["error"]["code"], body["error"]["message"]) == (400, "ValidationError", WORDS[refusal])
    assert (world.subscriptions.live(), receiver.handshakes) == ([], [])


@pytest.mark.parametrize("refusal", WORDS)
async def test_a_renewal_can_be_refused_and_changes_nothing(client, subscribe, receiver, world, refusal):
    made = await subscribe()
    world.change_settings({"validate_renewals": True, "handshake_refusal": refusal})
    change = {"expirationDateTime": a_subscription(receiver)["expirationDateTime"]}
    status, body, _ = await client.ask("PATCH", f"{ROOT}/{made['id']}", body=change)
    assert (status, body["error"]["message"]) == (400, WORDS[refusal])
    assert (await client.get(f"{ROOT}/{made['id']}"))["expirationDateTime"] == made["expirationDateTime"]


async def test_a_renewal_asks_both_urls_to_echo_where_graph_does_so(client, subscribe, receiver, world):
    made = await subscribe()
    change = {"expirationDateTime": a_subscription(receiver)["expirationDateTime"]}
    counts = []
    for validates in (False, True):
        world.change_settings({"validate_renewals": validates})
        receiver.handshakes.clear()
        assert (await client.ask("PATCH", f"{ROOT}/{made['id']}", body=change))[0] == 200
        counts.append(len(receiver.handshakes))
    assert counts == [0, 2]


@pytest.mark.parametrize(("status", "name"), [(403, "Forbidden"), (302, "Redirect"), (503, "ServiceUnavailable")])
async def test_a_real_refusal_is_reported_with_the_name_of_its_status(client, receiver, status, name):
    receiver.echo = lambda _: web.Response(status=status, headers={"Location": "/sign-in"})
    _, body, _ = await client.ask("POST", ROOT, body=a_subscription(receiver))
    assert f"HTTP status code is '{name}'." in body["error"]["message"]


async def test_an_unknown_refusal_is_not_taken(client):
    assert (await client.ask("POST", "/_control/settings", body={"handshake_refusal": "earthquake"}))[0] == 400
